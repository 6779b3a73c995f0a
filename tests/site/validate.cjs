// Holds HTML files against the rules of the HTML standard: node validate.cjs FILE...
// A page that carries its own style must say how it is printed.

const { readFileSync } = require("fs");
const { HtmlValidate, StaticConfigLoader } = require("html-validate");

const loader = new StaticConfigLoader({ root: true, extends: ["html-validate:standard"] });

(async () => {
    const files = process.argv.slice(2);
    const validator = new HtmlValidate(loader);
    let wrong = 0;
    for (const file of files) {
        const report = await validator.validateFile(file);
        const style = readFileSync(file, "utf8").match(/<style>(.*?)<\/style>/s);
        if (style && !/^@media print \{/m.test(style[1])) {
            wrong += 1;
            console.error(`${file}: its style has no rules for print`);
        }
        for (const message of report.results.flatMap((result) => result.messages)) {
            wrong += 1;
            console.error(`${file}:${message.line}: ${message.message} (${message.ruleId})`);
        }
    }
    console.log(`${files.length} pages, ${wrong} faults`);
    process.exit(wrong || files.length === 0 ? 1 : 0);
})();
