import { chromium } from "@playwright/test";
const [,, base, out, w="1280", scheme="light", ...paths]=process.argv;
const b=await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"]});
const c=await b.newContext({viewport:{width:+w,height:w<500?700:900},colorScheme:scheme,baseURL:base});
const p=await c.newPage(); p.on("console",m=>console.log(m.type(),m.text())); p.on("pageerror",e=>console.log("ERR",e));
for(const path of paths){ await p.goto(path); await p.waitForTimeout(+(process.env.WAIT??2500)); await p.screenshot({path:`/tmp/shots/${out}${path.replaceAll("/","_")}.png`}); }
await b.close();
