//! The model catalogue and how a model gets onto this machine.
