using System.Collections;
using System.Collections.Concurrent;
using Gateway.Budgets;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>Every account of this edge. An account outlives changes of the configuration by its name.</summary>
/// <param name="time">Clock.</param>
/// <param name="isLocal">True when the edge is alone and its own ledger.</param>
internal sealed class BudgetBook(TimeProvider time, bool isLocal) : IEnumerable<BudgetAccount>
{
    private readonly ConcurrentDictionary<string, BudgetAccount> _accounts = new(StringComparer.Ordinal);
    private BudgetAccount? _wanting;
    private TaskCompletionSource _wake = NewWake();

    public TimeProvider Time => time;

    public bool IsLocal => isLocal;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Now, in microseconds since 1970-01-01 UTC.</summary>
    public long NowMicros => (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Completes when an account wants to be asked about.</summary>
    public Task Wanted => Volatile.Read(ref _wake).Task;

    /// <summary>The accounts of a budget, one for each of its windows, with its figures in force.</summary>
    public BudgetAccount[] Open(BudgetEntry budget)
    {
        var accounts = Find(budget);
        Use(budget, accounts);
        return accounts;
    }

    /// <summary>The accounts of a budget, one for each of its windows. Their figures stay as they are until <see cref="Use"/>.</summary>
    public BudgetAccount[] Find(BudgetEntry budget)
    {
        var windows = BudgetWindows.Of(budget);
        var accounts = new BudgetAccount[windows.Count];
        for (var i = 0; i < accounts.Length; i++)
        {
            var name = BudgetWindows.Account(budget.Id, windows[i]);
            accounts[i] = _accounts.GetOrAdd(name, static (name, arg) => new BudgetAccount(arg.Book, name, arg.Budget, arg.Window), (Book: this, Budget: budget, Window: windows[i]));
        }

        return accounts;
    }

    /// <summary>Takes the figures of a budget into force in its accounts.</summary>
    public static void Use(BudgetEntry budget, BudgetAccount[] accounts)
    {
        var windows = BudgetWindows.Of(budget);
        for (var i = 0; i < accounts.Length; i++)
        {
            accounts[i].Update(budget, windows[i]);
        }
    }

    public BudgetAccount? Find(string name) => _accounts.GetValueOrDefault(name);

    /// <summary>Notes that the ledger is to be asked about an account soon. Allocates nothing.</summary>
    public void Want(BudgetAccount account)
    {
        if (Interlocked.Exchange(ref account.IsWanting, 1) == 1)
        {
            return;
        }

        BudgetAccount? head;
        do
        {
            head = Volatile.Read(ref _wanting);
            account.NextWanting = head;
        }
        while (Interlocked.CompareExchange(ref _wanting, account, head) != head);
        Volatile.Read(ref _wake).TrySetResult();
    }

    /// <summary>The accounts that want to be asked about; from here on they may want again.</summary>
    public void TakeWanting(ICollection<BudgetAccount> into)
    {
        if (Wanted.IsCompleted)
        {
            Volatile.Write(ref _wake, NewWake());
        }

        for (var account = Interlocked.Exchange(ref _wanting, null); account is not null;)
        {
            var next = account.NextWanting;
            account.NextWanting = null;
            Volatile.Write(ref account.IsWanting, 0);
            into.Add(account);
            account = next;
        }
    }

    public IEnumerator<BudgetAccount> GetEnumerator() => _accounts.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
