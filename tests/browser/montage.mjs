import { chromium } from "@playwright/test"; import {readFileSync} from "fs";
const [,,out,w,...fs]=process.argv;
const b=await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-gpu"]}); const p=await b.newPage({viewport:{width:+w,height:500}});
await p.setContent(`<body style="margin:0;display:flex;gap:8px;align-items:start;background:#888">${fs.map(f=>`<img src="data:image/png;base64,${readFileSync(f).toString("base64")}" style="max-height:1500px;min-width:0;flex:0 1 auto">`).join("")}`);
await p.waitForTimeout(500); await p.screenshot({path:out,fullPage:true}); await b.close();
