using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Ledger;

/// <summary>
/// Opens accounts for the length of a transaction: their rows are locked, in the order of their numbers, so that two transactions never wait for each other in a circle.
/// </summary>
internal sealed class AccountBook(WindowClocks clocks, TimeProvider time)
{
    private const int MostKnown = 200_000;
    private static readonly long _shortestKept = TimeSpan.FromHours(2).Ticks / TimeSpan.TicksPerMicrosecond;
    private static readonly long _longestKept = TimeSpan.FromDays(90).Ticks / TimeSpan.TicksPerMicrosecond;

    // A number found here may be gone or another's by now (a rollback, a restored database): what is read under it is compared with the key.
    private readonly ConcurrentDictionary<AccountKey, long> _numbers = new();

    public long Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Opens accounts, and makes those that are not there yet. All that a transaction needs are opened at once.</summary>
    public async Task<Dictionary<AccountKey, Account>> OpenAsync(DbSession session, IReadOnlyCollection<AccountKey> keys)
    {
        var opened = new Dictionary<AccountKey, Account>(keys.Count);
        var missing = keys.Where(k => !_numbers.ContainsKey(k)).Distinct().Order().ToList();
        if (missing.Count > 0)
        {
            await MakeAsync(session, missing).ConfigureAwait(false);
        }

        await LockAsync(session, keys, opened).ConfigureAwait(false);
        missing = [.. keys.Where(k => !opened.ContainsKey(k)).Distinct().Order()];
        if (missing.Count > 0)
        {
            await MakeAsync(session, missing).ConfigureAwait(false);
            await LockAsync(session, missing, opened).ConfigureAwait(false);
        }

        await CountRollingAsync(session, opened.Values).ConfigureAwait(false);
        return opened;
    }

    /// <summary>Opens the accounts that leases belong to.</summary>
    public async Task<Dictionary<long, Account>> OpenAsync(DbSession session, IReadOnlyCollection<long> numbers)
    {
        var opened = new Dictionary<AccountKey, Account>(numbers.Count);
        await LockNumbersAsync(session, numbers, opened).ConfigureAwait(false);
        return opened.Values.ToDictionary(a => a.Id);
    }

    /// <summary>Writes what changed.</summary>
    public static async Task SaveAsync(DbSession session, IEnumerable<Account> accounts, IEnumerable<Lease> leases)
    {
        await session.BulkInsertAsync(Account.Table, [.. accounts.Where(a => a.IsChanged).OrderBy(a => a.Id)]).ConfigureAwait(false);
        await session.BulkInsertAsync(Lease.Table, [.. leases.Where(l => l.IsChanged)]).ConfigureAwait(false);
    }

    /// <summary>The leases of a run in some accounts, by account.</summary>
    public static async Task<Dictionary<long, Lease>> LeasesAsync(DbSession session, string edgeId, long epoch, IEnumerable<long> accounts)
    {
        var leases = new Dictionary<long, Lease>();
        var list = List(accounts);
        if (list.Length > 0)
        {
            await ReadAsync(
                session,
                $"SELECT account_id, granted, returned, ingested, spent, held FROM budget_leases WHERE edge_id = @edge AND epoch = @epoch AND account_id IN ({list})",
                r => leases.Add(r.GetInt64(0), new Lease(r.GetInt64(0), edgeId, epoch)
                {
                    Granted = r.GetInt64(1), Returned = r.GetInt64(2), Ingested = r.GetInt64(3), Spent = r.GetInt64(4), Held = r.GetInt64(5),
                }),
                ("@edge", edgeId),
                ("@epoch", epoch)).ConfigureAwait(false);
        }

        return leases;
    }

    /// <summary>A forgotten number is looked up again; called after accounts were deleted.</summary>
    public void Forget() => _numbers.Clear();

    private static string List(IEnumerable<long> numbers) => string.Join(',', numbers.Order().Select(n => n.ToString(CultureInfo.InvariantCulture)));

    private static async Task ReadAsync(DbSession session, string sql, Action<DbDataReader> read, params (string Name, object Value)[] parameters)
    {
        // Past Dapper: these texts have numbers in them, which would fill its cache of texts.
        var command = session.Connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.Transaction = session.Transaction;
#pragma warning disable CA2100 // The lists in these texts are numbers only.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value);
                command.Parameters.Add(parameter);
            }

            var reader = await command.ExecuteReaderAsync(session.Cancellation).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(session.Cancellation).ConfigureAwait(false))
                {
                    read(reader);
                }
            }
        }
    }

    private Task LockAsync(DbSession session, IReadOnlyCollection<AccountKey> keys, Dictionary<AccountKey, Account> opened)
    {
        var wanted = new HashSet<long>(keys.Count);
        foreach (var key in keys)
        {
            if (_numbers.TryGetValue(key, out var number))
            {
                wanted.Add(number);
            }
        }

        return LockNumbersAsync(session, wanted, opened, keys as IReadOnlySet<AccountKey> ?? keys.ToHashSet());
    }

    private async Task LockNumbersAsync(DbSession session, IReadOnlyCollection<long> numbers, Dictionary<AccountKey, Account> opened, IReadOnlySet<AccountKey>? asked = null)
    {
        if (numbers.Count == 0)
        {
            return;
        }

        await ReadAsync(
            session,
            $"SELECT id, budget_id, window_key, start, settled, leased, pressed_until, keep_until FROM budget_accounts WHERE id IN ({List(numbers)}) ORDER BY id{session.Dialect.ForUpdate}",
            r =>
            {
                var key = new AccountKey(r.GetString(1), r.GetString(2), r.GetInt64(3));
                if (asked?.Contains(key) != false && clocks.Of(key.Window) is { } clock)
                {
                    opened[key] = new Account(r.GetInt64(0), key, clock)
                    {
                        Settled = r.GetInt64(4), Counted = r.GetInt64(4), Leased = r.GetInt64(5), PressedUntil = r.GetInt64(6), KeepUntil = r.GetInt64(7),
                    };
                }
            }).ConfigureAwait(false);
        foreach (var key in asked?.Where(k => !opened.ContainsKey(k)) ?? [])
        {
            _numbers.TryRemove(key, out _);
        }
    }

    private async Task MakeAsync(DbSession session, List<AccountKey> keys)
    {
        var absent = new List<AccountKey>();
        foreach (var key in keys)
        {
            if (!await FindAsync(session, key).ConfigureAwait(false))
            {
                absent.Add(key);
            }
        }

        if (absent.Count == 0)
        {
            return;
        }

        // The counter's row is taken before any account is made: whoever makes accounts waits here, and nowhere else.
        var next = await session.ScalarAsync<long>(
            "UPDATE budget_numbers SET next = next + @count WHERE singleton = 1 RETURNING next", new { count = absent.Count }).ConfigureAwait(false) - absent.Count;
        foreach (var key in absent)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO budget_accounts (id, budget_id, window_key, start, settled, leased, pressed_until, keep_until)
                VALUES (@id, @BudgetId, @Window, @Start, 0, 0, 0, @keep) ON CONFLICT (budget_id, window_key, start) DO NOTHING
                """,
                new { id = next++, key.BudgetId, key.Window, key.Start, keep = KeepUntil(key) }).ConfigureAwait(false);
            await FindAsync(session, key).ConfigureAwait(false);
        }
    }

    private async Task<bool> FindAsync(DbSession session, AccountKey key)
    {
        var number = await session.ScalarAsync<long?>(
            "SELECT id FROM budget_accounts WHERE budget_id = @BudgetId AND window_key = @Window AND start = @Start", new { key.BudgetId, key.Window, key.Start }).ConfigureAwait(false);
        if (number is { } found)
        {
            if (_numbers.Count >= MostKnown)
            {
                _numbers.Clear();
            }

            _numbers[key] = found;
        }

        return number is not null;
    }

    private async Task CountRollingAsync(DbSession session, IEnumerable<Account> accounts)
    {
        var rolling = accounts.Where(a => a.Clock.PartLength > 0).ToDictionary(a => a.Id);
        if (rolling.Count == 0)
        {
            return;
        }

        foreach (var account in rolling.Values)
        {
            account.Counted = 0;
        }

        await ReadAsync(
            session,
            $"SELECT account_id, CAST(SUM(settled) AS BIGINT) FROM budget_parts WHERE account_id IN ({List(rolling.Keys)}) AND counts_until > @now GROUP BY account_id",
            r => rolling[r.GetInt64(0)].Counted = r.GetInt64(1),
            ("@now", Now)).ConfigureAwait(false);
    }

    /// <summary>How long an account is kept after its window: sixty times its length, within two hours and 90 days.</summary>
    private long KeepUntil(AccountKey key)
    {
        var (start, end) = clocks.Of(key.Window)?.Around(key.Start) ?? (0, long.MaxValue);
        return end == long.MaxValue ? end : end + Math.Clamp(60 * (end - start), _shortestKept, _longestKept);
    }
}
