"""What stands open to everyone: the choice of language and the errors' words."""
