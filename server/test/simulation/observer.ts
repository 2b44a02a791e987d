/** The simulation's own connection to the database, for its questions and those of the auditor: one at a time. */
import { Client, type QueryConfig, type QueryResult } from "pg";

export type Observer = {
  query(question: QueryConfig): Promise<QueryResult>;
  end(): Promise<void>;
};

export async function openObserver(databaseUrl: string): Promise<Observer> {
  const client = new Client({ connectionString: databaseUrl, application_name: "observer" });
  await client.connect();
  let last: Promise<unknown> = Promise.resolve();
  return {
    query(question) {
      const answered = last.then(() => client.query(question));
      last = answered.catch(() => {});
      return answered;
    },
    end: () => client.end(),
  };
}
