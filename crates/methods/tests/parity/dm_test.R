# Diebold and Mariano's test by forecast::dm.test, for crates/methods/tests/it/verification.rs.
#
#     Rscript crates/methods/tests/parity/dm_test.R   (needs r-cran-forecast)
#
# writes dm_test.csv beside itself: a case a row, the losses of both forecasts separated by blanks.
suppressMessages(library(forecast))
set.seed(20261130)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
rows <- list()
for (n in c(5, 12, 60, 200)) for (h in c(1, 2, 6)) for (phi in c(0, 0.7)) {
  if (h >= n) next
  e1 <- as.numeric(arima.sim(list(ar = phi), n))
  e2 <- 0.8 * e1 + as.numeric(arima.sim(list(ar = phi), n)) * 0.7
  # Losses given as they are: absolute errors, power 1.
  test <- tryCatch(suppressWarnings(dm.test(e1, e2, h = h, power = 1, varestimator = "acf")), error = function(e) NULL)
  if (is.null(test)) next
  text <- function(x) paste(format(x, digits = 17, trim = TRUE), collapse = " ")
  rows[[length(rows) + 1]] <- data.frame(h = h, first = text(abs(e1)), second = text(abs(e2)),
    statistic = format(unname(test$statistic), digits = 17), p = format(unname(test$p.value), digits = 17))
}
write.csv(do.call(rbind, rows), file.path(here, "dm_test.csv"), row.names = FALSE, quote = FALSE)
