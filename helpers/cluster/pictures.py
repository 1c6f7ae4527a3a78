"""The picture of a paused holder: who had the lock, who thought so, and what the store made of it."""

import html

from IPython import get_ipython

from helpers.cluster.connection import close_clusters
def prepare_pictures(): pass
