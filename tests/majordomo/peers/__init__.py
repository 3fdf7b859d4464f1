"""Programs of others' making, or of the shape that they have: they know MDP 0.1 and nothing of ours."""
