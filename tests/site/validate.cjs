// Holds HTML files against the rules of the HTML standard: node validate.cjs FILE...

const { HtmlValidate, StaticConfigLoader } = require("html-validate");

const loader = new StaticConfigLoader({ root: true, extends: ["html-validate:standard"] });

(async () => {
    const files = process.argv.slice(2);
    const validator = new HtmlValidate(loader);
    let wrong = 0;
    for (const file of files) {
        const report = await validator.validateFile(file);
        for (const message of report.results.flatMap((result) => result.messages)) {
            wrong += 1;
            console.error(`${file}:${message.line}: ${message.message} (${message.ruleId})`);
        }
    }
    console.log(`${files.length} pages, ${wrong} faults`);
    process.exit(wrong || files.length === 0 ? 1 : 0);
})();
