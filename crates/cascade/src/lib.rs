//! The decision core: which attempt to start, cancel, continue or give up, and when. Pure.
