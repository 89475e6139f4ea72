//! Rasters we write are Cloud-Optimised GeoTIFFs that GDAL, rasterio and our own reader read
//! back bit for bit; rasters that others write are read as GDAL reads them.
//!
//! Checks against GDAL run where its programs are found, checks against rasterio and rio-cogeo
//! where THERMAUDIT_PYTHON names a Python that has them, checks on real files where
//! THERMAUDIT_TESTDATA names their folder; otherwise they say that they are skipped.
#![allow(clippy::panic, clippy::print_stdout)]

mod damaged;
mod foreign;
mod helpers;
mod orthophoto;
mod surface;
mod written;
