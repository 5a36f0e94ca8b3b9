import { chromium } from "playwright-core";
const b = await chromium.launch({executablePath:"/usr/bin/chromium", args:["--no-sandbox"]});
const page = await (await b.newContext({viewport:{width:360,height:800}, deviceScaleFactor:1})).newPage();
const base="http://127.0.0.1:8099";
async function sign(code){ await page.context().clearCookies(); await page.goto(base+"/sign-in"); await page.fill("[name=login]",code); await page.fill("[name=password]",process.env[code]); await page.click("button.btn-go"); await page.waitForLoadState(); }
await sign("MH0028"); await page.screenshot({path:"/tmp/look/auditor-today.png",fullPage:true});
await page.goto(base+"/admin/audit"); await page.screenshot({path:"/tmp/look/audit.png"});
await sign("MH0001"); await page.goto(base+"/search?q=b%C3%A1nh+ch%C6%B0ng+ng%C3%B5+12"); await page.screenshot({path:"/tmp/look/search.png"});
await b.close();
