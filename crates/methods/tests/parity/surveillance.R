# Series and reference results of R surveillance 1.20.3 (Debian: r-base-core, r-cran-surveillance), for farringtonFlexible.
#
#   Rscript crates/methods/tests/parity/surveillance.R DIR
#
# writes into DIR
#   series_NAME.csv    time, observed, offset; the time is a date where the series has epochs as dates, else its position
#   calls.csv          one row a call: its name, its series, and the parameters under their names
#   farrington.csv     one row a call and time point: what R answers, at 17 digits
#   farrington_right.csv  the same of the package with its fault mended
#   counts.csv         probabilities and quantiles of Poisson and negative binomial counts
#   glm.csv, glm_coefficients.csv   a quasi-Poisson regression with offset, weights and a column too many: its design, and what R fits
# One function per family; EARS, CUSUM and GLRNB keep to scripts of their own beside this one.

suppressMessages(library(surveillance))
directory <- commandArgs(trailingOnly = TRUE)[1]
stopifnot(!is.na(directory), packageVersion("surveillance") == "1.20.3")
dir.create(directory, showWarnings = FALSE, recursive = TRUE)

digits17 <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))

write_rows <- function(rows, file) write.csv(rows, file.path(directory, file), row.names = FALSE, quote = FALSE, na = "")

# A data set of the package as an object of class sts.
dataset <- function(name) {
    here <- new.env()
    data(list = name, package = "surveillance", envir = here)
    it <- get(name, here)
    if (inherits(it, "disProg")) disProg2sts(it) else it
}

# A series of its own: one column, observed counts with gaps, weekly dates.
made <- function(observed, freq, epoch, population = NULL) {
    it <- sts(observed = matrix(observed), epoch = as.numeric(epoch), frequency = freq, epochAsDate = TRUE)
    if (!is.null(population)) it@populationFrac <- matrix(population)
    it
}

# Counts that any language can repeat: a linear congruential generator, no distribution.
lcg <- function(n, seed) {
    x <- numeric(n)
    for (i in seq_len(n)) {
        seed <- (seed * 1103515245 + 12345) %% 2^31
        x[i] <- seed / 2^31
    }
    x
}

daily <- function() {
    day <- seq(as.Date("2012-01-01"), as.Date("2016-12-31"), by = "1 day")
    u <- lcg(length(day), 7)
    season <- 6 + 4 * cos(2 * pi * as.numeric(format(day, "%j")) / 365)
    made(floor(-season * log(1 - u) / 2), 365, day)
}

gaps <- function() {
    it <- dataset("stsNewport")
    y <- observed(it)[, 1]
    y[c(60, 61, 200:204, 333, 480:482, 601)] <- NA
    made(y, 52, it@epoch)
}

series <- list(
    salm = dataset("salmonella.agona"),
    salmNewport = aggregate(dataset("salmNewport"), by = "unit"),
    momo8 = dataset("momo")[, 8],
    momo2 = dataset("momo")[, 2],
    rotaBB1 = dataset("rotaBB")[, 1],
    rotaBB3 = dataset("rotaBB")[, 3],
    meningo2 = dataset("meningo.age")[, 2],
    shadar = dataset("shadar"),
    ha3 = dataset("ha.sts")[, 3],
    flu5 = dataset("fluBYBW")[, 5],
    hospitalized = dataset("salmHospitalized"),
    newport = dataset("stsNewport"),
    daily = daily(),
    gaps = gaps()
)

noufaily <- list(b = 4, w = 3, noPeriods = 10, weightsThreshold = 2.58, pastWeeksNotIncluded = 26, pThresholdTrend = 1, alpha = 0.1)
with_changes <- function(...) modifyList(noufaily, list(...))

# Name, series, range, parameters. The first seven are those of docs/method.md.
calls <- list(
    c1 = list("salm", 282:312, list(b = 4, w = 3, noPeriods = 1, weightsThreshold = 1, pastWeeksNotIncluded = 3, pThresholdTrend = 0.05, alpha = 0.1)),
    c2 = list("salm", 282:312, noufaily),
    c2_nbPlugin = list("salm", 282:312, with_changes(thresholdMethod = "nbPlugin")),
    c2_muan = list("salm", 282:312, with_changes(thresholdMethod = "muan")),
    dates = list("salmNewport", 400:420, with_changes(alpha = 0.05)),
    offset = list("momo8", 730:733, with_changes(b = 5, alpha = 0.05, populationOffset = TRUE)),
    monthly = list("rotaBB1", 121:144, list(b = 5, w = 1, noPeriods = 1, weightsThreshold = 2.58, pastWeeksNotIncluded = 3, pThresholdTrend = 1, alpha = 0.05, thresholdMethod = "nbPlugin")),
    salm_no_trend = list("salm", 270:312, with_changes(trend = FALSE, b = 5, noPeriods = 5)),
    salm_no_reweight = list("salm", 250:312, with_changes(reweight = FALSE, pThresholdTrend = 0.05)),
    salm_half = list("salm", 240:312, with_changes(powertrans = "1/2", b = 3, w = 2, noPeriods = 5)),
    salm_none = list("salm", 240:312, with_changes(powertrans = "none", b = 2, w = 4, alpha = 0.005)),
    salm_limit = list("salm", 220:312, with_changes(limit54 = c(12, 3), thresholdMethod = "nbPlugin", alpha = 0.01)),
    shadar_windows = list("shadar", 209:295, list(b = 3, w = 4, noPeriods = 1, weightsThreshold = 1.5, alpha = 0.01)),
    shadar_muan = list("shadar", 180:295, with_changes(b = 3, thresholdMethod = "muan", alpha = 0.02, pastWeeksNotIncluded = 10)),
    ha_zeros = list("ha3", 230:290, with_changes(limit54 = c(0, 4), pThresholdTrend = 0.05)),
    ha_zeros_nb = list("ha3", 230:290, with_changes(limit54 = c(0, 4), thresholdMethod = "nbPlugin", noPeriods = 5)),
    flu_zeros = list("flu5", 300:416, with_changes(b = 5, limit54 = c(1, 4), noPeriods = 10)),
    momo_large = list("momo2", 600:660, with_changes(b = 5, alpha = 0.005, thresholdMethod = "nbPlugin")),
    momo_windows = list("momo2", 300:380, list(b = 5, w = 2, noPeriods = 1, alpha = 0.01, populationOffset = TRUE)),
    hospitalized = list("hospitalized", 400:530, with_changes(b = 5, alpha = 0.01, thresholdMethod = "muan")),
    newport = list("newport", 600:773, with_changes(b = 5, alpha = 0.05, pThresholdTrend = 0.05, thresholdMethod = "nbPlugin")),
    rota_periods = list("rotaBB3", 61:144, list(b = 3, w = 1, noPeriods = 4, weightsThreshold = 2, pastWeeksNotIncluded = 2, pThresholdTrend = 0.05, alpha = 0.05)),
    rota_backwards = list("rotaBB3", 80:144, list(b = 5, w = 2, noPeriods = 11, pastWeeksNotIncluded = 4, pThresholdTrend = 1, alpha = 0.05, limit54 = c(0, 1))),
    meningo = list("meningo2", 80:156, list(b = 4, w = 1, noPeriods = 5, pastWeeksNotIncluded = 2, pThresholdTrend = 0.2, alpha = 0.05, thresholdMethod = "nbPlugin")),
    daily = list("daily", 1500:1530, list(b = 3, w = 3, noPeriods = 10, pastWeeksNotIncluded = 30, pThresholdTrend = 1, alpha = 0.05)),
    daily_windows = list("daily", 1120:1160, list(b = 3, w = 5, noPeriods = 1, alpha = 0.01, thresholdMethod = "muan")),
    gaps = list("gaps", 560:640, with_changes(b = 5, alpha = 0.05)),
    gaps_windows = list("gaps", 290:380, list(b = 4, w = 3, noPeriods = 1, pThresholdTrend = 1, alpha = 0.05)),
    past_few = list("salm", 260:312, with_changes(pastWeeksNotIncluded = 1, noPeriods = 1)),
    first_window = list("salm", 211:216, with_changes(b = 4, noPeriods = 10))
)

write_series <- function() {
    for (name in names(series)) {
        it <- series[[name]]
        time <- if (it@epochAsDate) format(as.Date(it@epoch, origin = "1970-01-01")) else seq_len(nrow(it))
        rows <- data.frame(time, observed = digits17(observed(it)[, 1]), offset = digits17(population(it)[, 1]))
        write_rows(rows, paste0("series_", name, ".csv"))
    }
}

# Parameters as a row; an empty field is one that was not given.
parameters <- function(name, call) {
    control <- call[[3]]
    names <- c("b", "w", "noPeriods", "weightsThreshold", "pastWeeksNotIncluded", "pThresholdTrend", "alpha", "trend", "reweight",
               "thresholdMethod", "powertrans", "populationOffset")
    values <- lapply(names, function(n) if (is.null(control[[n]])) "" else if (is.logical(control[[n]])) tolower(control[[n]]) else as.character(control[[n]]))
    limit54 <- if (is.null(control$limit54)) "" else paste(control$limit54, collapse = " ")
    data.frame(call = name, series = call[[1]], freq = series[[call[[1]]]]@freq, setNames(values, names), limit54 = limit54)
}

# What R answers of the time points of one call.
farrington <- function(name, call, fun = farringtonFlexible) {
    it <- series[[call[[1]]]]
    got <- suppressWarnings(fun(it, control = c(call[[3]], list(range = call[[2]], glmWarnings = FALSE))))
    figures <- lapply(got@control[c("expected", "pvalue", "mu0Vector", "phiVector", "trend", "score")], function(x) digits17(x[, 1]))
    data.frame(call = name, at = call[[2]], upper = digits17(got@upperbound[, 1]), alarm = as.integer(got@alarm[, 1]), figures)
}

# The package with its fault mended, for compat = false: the model keeps R's working weights, and the prediction and the trend's p-value take the
# dispersion that the package computes for them (it is passed to data.frame instead of predict.glm).
mended <- function(fun) {
    install <- function(name, text) {
        it <- eval(parse(text = text), asNamespace("surveillance"))
        assignInNamespace(name, it, "surveillance")
    }
    lines <- function(name) paste(deparse(getFromNamespace(name, "surveillance")), collapse = "\n")
    fit <- "algo.farrington.fitGLM.flexible"
    glm <- "algo.farrington.glm"
    before <- lapply(c(fit, glm), getFromNamespace, "surveillance")
    install(fit, sub("model$weights <- omega", "model$weights <- model$weights", lines(fit), fixed = TRUE))
    text <- gsub("dispersion = model\\$phi\\),\\s+se.fit", "dummy = 0), dispersion = model$phi, se.fit", lines(glm))
    own <- "2 * pt(-abs(coef(model)[['wtime']]) / sqrt(model$phi * summary.glm(model)$cov.unscaled['wtime', 'wtime']), model$df.residual)"
    text <- sub('summary.glm\\(model\\)\\$coefficients\\["wtime",\\s+4\\]', own, text)
    stopifnot(!grepl("phi), se.fit", text, fixed = TRUE), grepl("pt(-abs", text, fixed = TRUE))
    install(glm, text)
    on.exit(for (i in 1:2) assignInNamespace(c(fit, glm)[i], before[[i]], "surveillance"))
    fun()
}

right <- calls[c("c1", "c2", "c2_nbPlugin", "c2_muan", "dates", "offset", "monthly", "salm_no_trend", "salm_no_reweight", "shadar_windows", "shadar_muan",
                 "ha_zeros", "newport", "hospitalized", "daily")]

# Mass, upper tail and quantile over means from nothing to a million, and dispersions from Poisson on.
counts <- function() {
    grid <- expand.grid(mean = c(1e-12, 1e-6, 0.003, 0.4, 3, 47.5, 5200, 1e6), phi = c(1, 1.0001, 1.01, 1.3, 4, 250), step = -1:3,
                        p = c(0.05, 0.5, 0.9, 0.995))
    grid$y <- pmax(0, floor(grid$mean + grid$step * 2 * sqrt(grid$mean * grid$phi))) + pmax(grid$step, 0)
    poisson <- grid$phi == 1
    size <- ifelse(poisson, 1, grid$mean / (grid$phi - 1))
    choose <- function(a, b) digits17(ifelse(poisson, a, b))
    y <- grid$y
    grid$mass <- choose(dpois(y, grid$mean), dnbinom(y, size, 1 / grid$phi))
    grid$at_least <- choose(ppois(y - 1, grid$mean, lower.tail = FALSE), pnbinom(y - 1, size, 1 / grid$phi, lower.tail = FALSE))
    grid$quantile <- choose(qpois(grid$p, grid$mean), qnbinom(grid$p, size, 1 / grid$phi))
    grid$step <- NULL
    for (name in c("mean", "phi", "p", "y")) grid[[name]] <- digits17(grid[[name]])
    grid
}

regression <- function() {
    y <- observed(series$salm)[101:250, 1]
    t <- seq_along(y)
    x <- cbind(x1 = 1, x2 = t, x3 = cos(2 * pi * t / 52), x4 = 2 * t - 3, x5 = sin(2 * pi * t / 52), x6 = as.numeric(t %% 10 == 0))
    offset <- log(2 + sin(t / 7))
    weights <- 0.25 + (t %% 4)
    fit <- glm(y ~ 0 + x, family = quasipoisson(), offset = offset, weights = weights)
    got <- summary(fit)
    rows <- data.frame(y, x, offset, weights, mu = fitted(fit), hat = hatvalues(fit), working = fit$weights)
    se <- setNames(rep(NA_real_, ncol(x)), paste0("x", colnames(x)))
    se[rownames(got$coefficients)] <- got$coefficients[, 2]
    write_rows(as.data.frame(lapply(rows, digits17)), "glm.csv")
    figures <- data.frame(coefficient = digits17(coef(fit)), se = digits17(se), dispersion = digits17(got$dispersion),
                          deviance = digits17(deviance(fit)), rounds = fit$iter, df_residual = fit$df.residual)
    write_rows(figures, "glm_coefficients.csv")
}

regression()
write_rows(counts(), "counts.csv")
write_series()
write_rows(do.call(rbind, Map(parameters, names(calls), calls)), "calls.csv")
write_rows(do.call(rbind, Map(farrington, names(calls), calls)), "farrington.csv")
write_rows(mended(function() do.call(rbind, Map(farrington, names(right), right))), "farrington_right.csv")
