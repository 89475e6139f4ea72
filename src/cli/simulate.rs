//! `thermaudit simulate`.

use super::args::{GnssArg, NightsArg, ScaleArg, SensorArg, SimulateArgs, StockArg};
use super::console::Console;
use super::{EXIT_GOOD, EXIT_NO_RESULT};
use crate::problem::Problem;
use crate::simulate::{self, Gnss, Nights, Options, Scale, Sensor, Stock};

pub(crate) fn simulate(args: &SimulateArgs, console: &Console) -> u8 {
    let options = Options {
        seed: args.seed,
        scale: match args.scale {
            ScaleArg::Tiny => Scale::Tiny,
            ScaleArg::Small => Scale::Small,
            ScaleArg::Medium => Scale::Medium,
            ScaleArg::Large => Scale::Large,
        },
        flights: args.flights,
        sensor: match args.sensor {
            SensorArg::Drone => Sensor::Drone,
            SensorArg::Aircraft => Sensor::Aircraft,
        },
        gnss: match args.gnss {
            GnssArg::Rtk => Gnss::Rtk,
            GnssArg::Consumer => Gnss::Consumer,
        },
        stock: match args.stock {
            StockArg::Sample => Stock::Sample,
            StockArg::Mixed => Stock::Mixed,
            StockArg::Old => Stock::Old,
            StockArg::Good => Stock::Good,
        },
        nights: match args.nights {
            NightsArg::Fair => Nights::Fair,
            NightsArg::Frost => Nights::Frost,
            NightsArg::Wet => Nights::Wet,
            NightsArg::Windy => Nights::Windy,
        },
        visits: args.visits,
        pictures: None,
    };
    let occupied = std::fs::read_dir(&args.dir).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        console.error(
            &Problem::setting("is not empty, expected a new or empty folder")
                .in_file(args.dir.display().to_string())
                .hint("name another folder, or empty this one yourself"),
        );
        return EXIT_NO_RESULT;
    }
    let progress = |what: &str, done: usize, total: usize| {
        if done == total {
            console.note(&format!("{what}: {total}"));
        }
    };
    match simulate::write_park(&args.dir, &options, &progress) {
        Ok(()) => {
            console.note(&format!(
                "wrote {0}; next: thermaudit run {0}",
                args.dir.display()
            ));
            EXIT_GOOD
        }
        Err(problem) => {
            console.error(&problem);
            EXIT_NO_RESULT
        }
    }
}
