"""A script of one's own: run as it is, recorded in all its processes, and told where its processes can collide."""

from helpers.scripts.forced_order import OrderError
from helpers.scripts.lanes import draw_lanes
from helpers.scripts.watched import Watched, watch
