"""The resource `trainyard:aws:SagemakerTrainingJob`."""
