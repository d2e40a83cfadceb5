"""What a message names: people, ages, foods, strains, medicines, tests."""
