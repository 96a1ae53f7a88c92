# The connector alone: runtime dependencies, connector/ and shared/. No build step; Node runs the TypeScript.
FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --workspaces=false --no-audit --no-fund && npm cache clean --force
COPY connector connector
COPY shared shared
USER node
EXPOSE 4310
ENV HOST=0.0.0.0
CMD ["node", "connector/main.ts"]
