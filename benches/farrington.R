# Time per evaluation of R's farringtonFlexible on the calls of crates/methods/tests/parity/surveillance, processor time of this process.
#
#   Rscript benches/farrington.R crates/methods/tests/parity/surveillance CALL…
#
# prints `call,evaluations,seconds_per_evaluation`. benches/farrington.rs runs this and ours beside it.

suppressMessages(library(surveillance))
arguments <- commandArgs(trailingOnly = TRUE)
calls <- read.csv(file.path(arguments[1], "calls.csv"), colClasses = "character")
answers <- read.csv(file.path(arguments[1], "farrington.csv"))

of_series <- function(name, freq) {
    rows <- read.csv(file.path(arguments[1], paste0("series_", name, ".csv")))
    dated <- !is.numeric(rows$time)
    epoch <- if (dated) as.numeric(as.Date(rows$time)) else rows$time
    it <- sts(observed = matrix(rows$observed), epoch = epoch, frequency = freq, epochAsDate = dated)
    it@populationFrac <- matrix(rows$offset)
    it
}

control_of <- function(row) {
    given <- Filter(function(v) v != "", row[setdiff(names(row), c("call", "series", "freq"))])
    control <- lapply(given, function(v) type.convert(v, as.is = TRUE))
    if (!is.null(control$limit54)) control$limit54 <- as.numeric(strsplit(given[["limit54"]], " ")[[1]])
    for (name in intersect(c("trend", "reweight", "populationOffset"), names(control))) control[[name]] <- control[[name]] %in% c(TRUE, "true")
    control
}

cat("call,evaluations,seconds_per_evaluation\n")
for (name in arguments[-1]) {
    row <- as.list(calls[calls$call == name, ])
    it <- of_series(row$series, as.numeric(row$freq))
    at <- answers$at[answers$call == name]
    control <- c(control_of(row), list(range = min(at):max(at), glmWarnings = FALSE))
    run <- function() suppressWarnings(farringtonFlexible(it, control = control))
    got <- run()
    stopifnot(isTRUE(all.equal(got@upperbound[, 1], answers$upper[answers$call == name], tolerance = 1e-12)))
    rounds <- 0
    start <- proc.time()
    repeat {
        run()
        rounds <- rounds + 1
        spent <- sum((proc.time() - start)[1:2])
        if (spent > 1) break
    }
    cat(sprintf("%s,%d,%.9g\n", name, rounds * length(at), spent / rounds / length(at)))
}
