//! Detectors against their references and on outbreaks whose end is known (METHOD.md §3).

mod charts;
mod commands;
mod counties;
mod dengue;
mod farrington;
mod forecast_simulated;
mod nowcast;
mod nowcast_flag;
mod nowcast_simulated;
mod nowcasts;
mod python_references;
mod regression;
mod tainan_places;
