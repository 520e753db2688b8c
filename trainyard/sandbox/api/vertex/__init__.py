"""Vertex AI (aiplatform.v1) as Google's own client sees it: custom jobs and persistent resources."""
