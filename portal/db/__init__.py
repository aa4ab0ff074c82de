"""The two stores as typed models: one aggregate a file; the contact store stands apart from the clinical one."""
