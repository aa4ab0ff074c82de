"""Previsit: patient-reported outcomes, answered at home and read before the visit."""
