"""What the patient touches: the door, her visit, the questionnaires."""
