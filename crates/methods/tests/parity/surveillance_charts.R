# EARS, CUSUM and GLR charts of R's surveillance (written for 1.20.3) on series of the package, at 17 digits.
#
#   Rscript crates/methods/tests/parity/surveillance_charts.R [FOLDER]      default crates/methods/tests/parity/surveillance, from the repository's root
#
# Writes charts_series.csv (series,freq,time,observed), charts_calls.csv (call,method,series,from,to,params: TOML, parts parted by ";") and
# charts_results.csv (call,at,upper,alarm,value: R's upperbound and alarm; value is the cusum, or the mean mu0 of a GLR chart).

suppressMessages(library(surveillance))
folder <- c(commandArgs(trailingOnly = TRUE), "crates/methods/tests/parity/surveillance")[1]
figure <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))
series <- list()
calls <- list()
results <- list()

keep <- function(name, observed, freq) {
  series[[name]] <<- data.frame(series = name, freq = freq, time = seq_along(observed), observed = figure(as.numeric(observed)))
}
note <- function(method, name, range, params, upper, alarm, value) {
  call <- length(calls) + 1
  calls[[call]] <<- data.frame(call = call, method = method, series = name, from = min(range), to = max(range), params = params)
  results[[call]] <<- data.frame(call = call, at = range, upper = figure(as.numeric(upper)),
                                 alarm = ifelse(is.na(as.vector(alarm)), "", as.vector(alarm) + 0), value = figure(as.numeric(value)))
}

ears <- function(name, sts, range, method, params, ...) {
  done <- earsC(sts, control = list(range = range, method = method, ...))
  note(paste0("ears_", tolower(method)), name, range, params, upperbound(done), alarms(done), rep(NA, length(range)))
}
cusum <- function(name, disprog, range, params, ...) {
  done <- algo.cusum(disprog, control = list(range = range, ...))
  note("cusum", name, range, params, done$upperbound, done$alarm, done$cusum)
}
glr <- function(name, disprog, range, params, ..., run = algo.glrnb, method = "glrnb") {
  done <- suppressWarnings(suppressMessages(run(disprog, control = list(range = range, ...))))
  note(method, name, range, params, done$upperbound, done$alarm, rep(done$control$mu0, length.out = length(range)))
}

data(salmonella.agona, shadar, hepatitisA, rotaBB, k1, m5, n2, s2, h1_nrwrp, influMen)
salm <- disProg2sts(salmonella.agona)
rota <- rotaBB[, 1]
rotaprog <- sts2disProg(rota)
infl <- influMen; infl$observed <- influMen$observed[, 1]; infl$state <- influMen$state[, 1]
keep("salm", observed(salm)[, 1], 52)
keep("shadar", shadar$observed, 52)
keep("hepatitisA", hepatitisA$observed, 52)
keep("rota", observed(rota)[, 1], 12)
keep("k1", k1$observed, 52)
keep("m5", m5$observed, 52)
keep("n2", n2$observed, 52)
keep("s2", s2$observed, 52)
keep("h1", h1_nrwrp$observed, 52)
keep("flu", infl$observed, 52)
# From one case to a hundred, and to none: where R's Newton steps and its formula go astray.
jump <- suppressWarnings(create.disProg(week = 1:40, observed = c(rep(c(1, 0, 2, 1), 5), 100, 150, 1, 2, rep(0, 6), rep(c(1, 0, 2, 1), 2), 30, 40), state = rep(0, 40)))
keep("jump", jump$observed, 52)

# The calls that docs/method.md names.
for (m in c("C1", "C2", "C3")) ears("salm", salm, 20:312, m, "baseline = 7; minSigma = 0; alpha = 0.001", baseline = 7, minSigma = 0, alpha = .001)
cusum("shadar", shadar, 209:290, "k = 1.04; h = 2.26; trans = 'anscombe'", k = 1.04, h = 2.26, trans = "anscombe")
glr("shadar", shadar, 209:295, "c.ARL = 5; mu0 = { S = 1 }; alpha = 0; change = 'intercept'",
    c.ARL = 5, mu0 = list(S = 1), alpha = 0, change = "intercept")

# EARS, elsewhere
for (m in c("C1", "C2", "C3")) {
  ears("rota", rota, 10:length(observed(rota)), m, "baseline = 5; minSigma = 2.5; alpha = 0.01", baseline = 5, minSigma = 2.5, alpha = .01)
  ears("salm", salm, 40:312, m, "baseline = 28; minSigma = 0.5", baseline = 28, minSigma = .5)
  ears("salm", salm, 20:312, m, "minSigma = 1", minSigma = 1)
}
ears("salm", salm, 20:312, "C3", "baseline = 3", baseline = 3)

# CUSUM: every transformation, every mean
for (t in c("none", "rossi", "standard", "anscombe", "anscombe2nd", "pearsonNegBin", "anscombeNegBin")) {
  k <- if (t == "none") 6 else 1.04
  cusum("shadar", shadar, 209:290, sprintf("k = %s; trans = '%s'", format(k), t), k = k, trans = t)
  cusum("hepatitisA", hepatitisA, 105:208, sprintf("k = 0.6; h = 3; m = 32.5; trans = '%s'; alpha = 0.4", t), k = .6, h = 3, m = 32.5, trans = t, alpha = .4)
  if (t != "anscombeNegBin") {
    cusum("rota", rotaprog, 61:length(observed(rota)), sprintf("k = 0.5; h = 4; m = 'glm'; trans = '%s'", t), k = .5, h = 4, m = "glm", trans = t)
  }
}
cusum("rota", rotaprog, 61:120, "k = 0.5; h = 4; alpha = 0.05; trans = 'anscombeNegBin'", k = .5, h = 4, alpha = .05, trans = "anscombeNegBin")
cusum("m5", m5, 110:209, "m = 'glm'", m = "glm")

# GLR
glr("hepatitisA", hepatitisA, 105:208, "", c.ARL = 5)
glr("shadar", shadar, 209:295, "ret = 'cases'; alpha = 0", ret = "cases", alpha = 0)
glr("shadar", shadar, 209:295, "ret = 'cases'; alpha = 0; M = 10; Mtilde = 2", ret = "cases", alpha = 0, M = 10, Mtilde = 2)
glr("shadar", shadar, 209:295, "mu0 = { S = 2, trend = true }", mu0 = list(S = 2, trend = TRUE))
glr("shadar", shadar, 209:295, "mu0 = { S = 1 }; alpha = 0.2; M = 15; Mtilde = 2; c.ARL = 4", mu0 = list(S = 1), alpha = .2, M = 15, Mtilde = 2, c.ARL = 4)
glr("shadar", shadar, 209:295, "mu0 = { S = 0, trend = true }; alpha = 0; dir = 'dec'; c.ARL = 2", mu0 = list(S = 0, trend = TRUE), alpha = 0, dir = "dec", c.ARL = 2)
glr("rota", rotaprog, 61:length(observed(rota)), "mu0 = { S = 2 }; M = 24", mu0 = list(S = 2), M = 24)
glr("rota", rotaprog, 61:length(observed(rota)), "mu0 = { S = 1 }; dir = 'dec'; c.ARL = 3; M = 24", mu0 = list(S = 1), dir = "dec", c.ARL = 3, M = 24)
glr("rota", rotaprog, 61:length(observed(rota)), "alpha = 0; dir = 'dec'; c.ARL = 3; M = 12; ret = 'cases'", alpha = 0, dir = "dec", c.ARL = 3, M = 12, ret = "cases")
glr("n2", n2, 110:209, "alpha = 0; change = 'epi'", alpha = 0, change = "epi")
glr("s2", s2, 110:209, "alpha = 0; change = 'epi'; M = 20; Mtilde = 2; c.ARL = 3", alpha = 0, change = "epi", M = 20, Mtilde = 2, c.ARL = 3)
glr("s2", s2, 110:209, "change = 'epi'; M = 20", change = "epi", M = 20)
glr("flu", infl, 157:length(infl$observed), "change = 'epi'; M = 30; mu0 = { S = 2 }", change = "epi", M = 30, mu0 = list(S = 2))
glr("shadar", shadar, 209:295, "theta = 0.7; alpha = 0; ret = 'cases'", theta = .7, alpha = 0, ret = "cases")
glr("shadar", shadar, 209:295, "theta = 0.5; ret = 'cases'", theta = .5, ret = "cases")
glr("k1", k1, 110:209, "theta = 1.2; mu0 = { S = 1, trend = true }", theta = 1.2, mu0 = list(S = 1, trend = TRUE))
glr("shadar", shadar, 209:290, "alpha = 0.1; ret = 'cases'; M = 15", alpha = .1, ret = "cases", M = 15, xMax = 1e4)
glr("shadar", shadar, 209:295, "mu0 = { S = 1, refit = true }; alpha = 0.05", mu0 = list(S = 1, refit = TRUE), alpha = .05)
glr("h1", h1_nrwrp, 110:209, "mu0 = 1.5; alpha = 0.3", mu0 = rep(1.5, 100), alpha = .3)
glr("k1", k1, 110:209, "c.ARL = 3", c.ARL = 3, run = algo.glrpois, method = "glrpois")
for (a in c(0.01, 0.3)) {
  glr("jump", jump, 1:40, sprintf("mu0 = 1; alpha = %s", format(a)), mu0 = rep(1, 40), alpha = a)
  glr("jump", jump, 1:40, sprintf("mu0 = 1; alpha = %s; change = 'epi'; M = 8", format(a)), mu0 = rep(1, 40), alpha = a, change = "epi", M = 8)
}
for (p in c("M = -1", "M = 6")) {
  m <- as.numeric(sub("M = ", "", p))
  glr("jump", jump, 1:40, paste0("mu0 = 1; alpha = 0; dir = 'dec'; c.ARL = 3; ", p), mu0 = rep(1, 40), alpha = 0, dir = "dec", c.ARL = 3, M = m)
}

save <- function(rows, file) write.csv(do.call(rbind, rows), file.path(folder, file), row.names = FALSE, quote = which(names(rows[[1]]) == "params"))
save(series, "charts_series.csv")
save(calls, "charts_calls.csv")
save(results, "charts_results.csv")
