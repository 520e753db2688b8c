#!/bin/bash
# Brings Docker, and on GPU machines NVIDIA's container toolkit, where the image has none. May run at every boot.
set -euo pipefail

readonly config=${1:-/etc/trainyard/container-runtime}
readonly keyring=${KEYRING:-/usr/share/keyrings/nvidia-container-toolkit.gpg}
readonly docker_config=${DOCKER_CONFIG:-/root/.docker}
readonly sources=${SOURCES:-/etc/apt/sources.list.d/nvidia-container-toolkit.list}
gpus=$(<"$config/gpus")
toolkit_url=$(<"$config/toolkit-url")
readonly gpus toolkit_url

say() { echo "trainyard-container-runtime: $*" >&2; }

install() {
  # Another program of the first boot may hold apt's lock: it is waited for.
  DEBIAN_FRONTEND=noninteractive apt-get --option DPkg::Lock::Timeout=600 install --yes --no-install-recommends "$@"
}

update() { apt-get --option DPkg::Lock::Timeout=600 update --quiet; }

if ! command -v docker >/dev/null; then
  say "installing Docker"
  update
  install docker.io
fi

if [[ $gpus == yes ]]; then
  if ! command -v nvidia-ctk >/dev/null; then
    say "installing NVIDIA's container toolkit"
    curl --silent --show-error --fail --location --max-time 60 "$toolkit_url/gpgkey" | gpg --batch --yes --dearmor -o "$keyring"
    # shellcheck disable=SC2016 # the dollar is apt's
    printf 'deb [signed-by=%s] %s/stable/deb/$(ARCH) /\n' "$keyring" "$toolkit_url" >"$sources"
    update
    install nvidia-container-toolkit
  fi
  nvidia-ctk runtime configure --runtime=docker
  systemctl restart docker
fi

# Tokens of ECR and of Azure's registries last for hours: a helper gets one for each pull, as the node's identity.
helpers=$(awk '
  /\.dkr\.ecr\./ { printf "%s\"%s\":\"ecr-login\"", comma, $1; comma = "," }
  /\.azurecr\.io$/ { printf "%s\"%s\":\"trainyard-acr\"", comma, $1; comma = "," }
' "$config/registries")
if [[ $helpers == *ecr-login* ]] && ! command -v docker-credential-ecr-login >/dev/null; then
  say "installing the credential helper of ECR"
  update
  install amazon-ecr-credential-helper
fi
if [[ -n $helpers ]]; then
  mkdir -p "$docker_config"
  printf '{"credHelpers":{%s}}\n' "$helpers" >"$docker_config/config.json"
fi

while read -r host; do
  if [[ -n $host ]] && command -v gcloud >/dev/null; then
    gcloud auth configure-docker "$host" --quiet
  fi
done <"$config/registries"
say "ready"
