/** What the phone keeps: the queue of what is to be sent, what was sent, and what was last seen. One IndexedDB database. */
const NAME = "hutong-field";
const VERSION = 1;

export type StoreName = "queue" | "sent" | "kept";

let opening: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("queue", { keyPath: "id" });
      asked.result.createObjectStore("sent", { keyPath: "id" });
      asked.result.createObjectStore("kept", { keyPath: "id" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => {
      opening = null;
      reject(asked.error ?? new Error("the phone's storage cannot be opened"));
    };
  });
  return opening;
}

/** Resolves when the transaction is complete: what was put is on the disk then, not before. */
async function run<T>(name: StoreName, mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode, { durability: "strict" });
    const asked = work(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = () => reject(transaction.error ?? new Error("the phone's storage refused"));
    transaction.onabort = () => reject(transaction.error ?? new Error("the phone's storage is full"));
  });
}

export const all = <T>(name: StoreName): Promise<T[]> => run(name, "readonly", (store) => store.getAll() as IDBRequest<T[]>);
export const one = <T>(name: StoreName, id: string): Promise<T | undefined> =>
  run(name, "readonly", (store) => store.get(id) as IDBRequest<T | undefined>);
export const put = (name: StoreName, value: { id: string }): Promise<unknown> => run(name, "readwrite", (store) => store.put(value));
export const remove = (name: StoreName, id: string): Promise<unknown> => run(name, "readwrite", (store) => store.delete(id));
export const clear = (name: StoreName): Promise<unknown> => run(name, "readwrite", (store) => store.clear());
