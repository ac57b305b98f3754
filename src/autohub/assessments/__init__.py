"""Assessments: questions, weights and formulas as versioned data, and scores that explain
themselves."""
