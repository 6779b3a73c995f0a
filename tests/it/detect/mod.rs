//! Detectors against their references and on outbreaks whose end is known.

mod charts;
mod commands;
mod dengue;
mod farrington;
mod feeds;
mod follows;
mod forecast_simulated;
mod future;
mod nowcast;
mod nowcast_flag;
mod nowcast_simulated;
mod nowcasts;
mod python_references;
mod regression;
mod same_party;
mod short_history;
mod tainan_nights;
mod tainan_places;
