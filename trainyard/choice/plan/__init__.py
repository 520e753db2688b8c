"""The plan of a stack: its candidates in order, with shape, cost, room and ends; pure, but for thin readers."""
