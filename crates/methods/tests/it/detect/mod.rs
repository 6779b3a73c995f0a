//! Detectors against R and Python packages, and on outbreaks whose end is known.

mod charts;
mod dengue;
mod farrington;
mod forecast_simulated;
mod level_shifts;
mod nowcast;
mod nowcast_flag;
mod nowcast_simulated;
mod nowcasts;
mod python_references;
mod regression;
mod short_history;
mod tainan_places;
