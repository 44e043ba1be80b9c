"""`private_commerce`: buyers, sellers and a corrupt crew over registry, payments, privacy and trust."""
