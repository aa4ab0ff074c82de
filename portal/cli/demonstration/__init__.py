"""The demonstration: invented people at every stage of a study, played on the real services with a moving clock."""
