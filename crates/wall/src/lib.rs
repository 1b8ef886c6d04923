//! A scripted upstream whose faults are chosen by model name.
