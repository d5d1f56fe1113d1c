import { chromium } from "@playwright/test";
const base="http://127.0.0.1:5198";
const b=await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"]});
const T=["Rock am Ring 2027, three days, camping","Berlin Philharmonic: Mahler 5, row 3","Champions League final, Wembley, Block 112","Hamilton, West End, Saturday matinee","Nils Frahm, Funkhaus Berlin","Comic Con weekend pass","Wimbledon Centre Court, day 4","Late night comedy with a title that goes on for quite a while because people write what they like into such a field"];
const uid=n=>`00000000-0000-4000-8000-${String(n*7919).padStart(12,"0")}`;
const tickets=T.map((title,n)=>({id:uid(n+1),title,price:24.5+n*17.25,userId:uid(99),version:0}));
const order=(n,status)=>({id:uid(n+50),userId:uid(77),status,expiresAt:new Date(Date.now()+ (status==="created"?754e3:-1e3)).toISOString(),version:1,ticket:{id:uid(n),title:T[n-1],price:tickets[n-1].price}});
const orders=[order(1,"created"),order(2,"complete"),order(3,"cancelled")];
const me={id:uid(77),email:"ann.lovelace@example.com"};
const [,,w,scheme,...pages]=process.argv;
const c=await b.newContext({viewport:{width:+w,height:+w<500?720:900},colorScheme:scheme,baseURL:base,locale:"en-US"});
const p=await c.newPage(); p.on("console",m=>m.type()==="error"&&console.log(m.text()));
let anon=false;
await p.route("**/api/**",r=>{const u=new URL(r.request().url());const j=(x,s=200)=>r.fulfill({status:s,json:x,headers:{date:new Date().toUTCString()}});
 if(u.pathname==="/api/config")return j({publishableKey:null,currency:"usd",cardForm:"test"});
 if(u.pathname==="/api/users/currentuser")return j({currentUser:anon?null:me});
 if(u.pathname==="/api/tickets"&&u.searchParams.get("seller"))return j(tickets.slice(0,4).map((t,n)=>({...t,state:["on-sale","reserved","sold","on-sale"][n]})));
 if(u.pathname==="/api/tickets")return j(u.searchParams.get("q")?[]:tickets);
 if(u.pathname.startsWith("/api/tickets/"))return j({...tickets[1],...(u.pathname.endsWith("7919")?{}:{})});
 if(u.pathname==="/api/orders")return j(orders);
 if(u.pathname.startsWith("/api/orders/"))return j(orders.find(o=>u.pathname.endsWith(o.id)));
 if(u.pathname==="/api/payments")return j({errors:[{message:"Your card was declined."}]},402);
 return j({errors:[{message:"?"}]},404);});
for(const page of pages){ anon=page.startsWith("/sign")||page==="/"; await p.goto(page.replace("ORDER",orders[0].id).replace("PAID",orders[1].id).replace("TICKET",tickets[1].id)); await p.waitForSelector("h1"); await p.waitForTimeout(1500);
 if(page.includes("ORDER")){await p.getByText("is declined").click();await p.getByRole("button",{name:/^Pay/}).click();await p.waitForTimeout(800);await p.evaluate(()=>scrollTo(0,0));}
 await p.screenshot({path:`/tmp/shots/m${page.replaceAll("/","_").replaceAll("?","_")}-${w}-${scheme}.png`,fullPage:+w<500}); }
await b.close();
