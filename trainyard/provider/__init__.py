"""Trainyard's own provider plugin; its process loads a cloud's client only when it calls that cloud."""
