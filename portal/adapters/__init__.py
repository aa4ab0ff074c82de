"""What services ask for, made real: words in a language, mail, PDF, QR codes, public holidays."""
