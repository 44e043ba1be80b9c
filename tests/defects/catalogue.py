"""placeholder"""
DEFECTS=()
