using FsCheck;
using FsCheck.Fluent;
using Gateway.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Storage;
using Gateway.Governance.Tests.Support;
using Npgsql;

namespace Gateway.Governance.Tests.Ledger;

public sealed class LedgerModelOnSqliteTests() : LedgerModelTests(null, 60);

public sealed class LedgerModelOnPostgresTests(PostgresServer server) : LedgerModelTests(server, 25);

/// <summary>
/// The promise of the ledger under everything that goes wrong: edges with skewed clocks that ask, spend, give back and are killed; questions and answers that are lost,
/// repeated or late; records that are late or repeated; governance killed; limits changed. After every step, in every account, settled and leased together stay within the limit.
/// </summary>
public abstract class LedgerModelTests(PostgresServer? server, int cases) : GovernanceTests(server)
{
    private static readonly DateTimeOffset _begin = new(2026, 3, 29, 0, 10, 0, TimeSpan.Zero);

    private static readonly Gen<Step[]> _steps = Gen.ArrayOf(
        from what in Gen.Frequency(
            (10, Gen.Constant(Do.Reserve)), (8, Gen.Constant(Do.Settle)), (6, Gen.Constant(Do.Upload)), (3, Gen.Constant(Do.GiveBack)), (2, Gen.Constant(Do.Deliver)),
            (2, Gen.Constant(Do.KillEdge)), (1, Gen.Constant(Do.KillGovernance)), (3, Gen.Constant(Do.Wait)), (1, Gen.Constant(Do.Raise)), (1, Gen.Constant(Do.Lower)), (1, Gen.Constant(Do.Override)), (1, Gen.Constant(Do.Sweep)))
        from edge in Gen.Choose(0, 2)
        from a in Gen.Choose(0, 1_000)
        from b in Gen.Choose(0, 1_000)
        from fate in Gen.Frequency((6, Gen.Constant(Fate.Answered)), (1, Gen.Constant(Fate.AnswerLost)), (1, Gen.Constant(Fate.Repeated)), (1, Gen.Constant(Fate.Delayed)))
        select new Step(what, edge, a, b, fate),
        45);

    private int _case;

    private enum Do
    {
        Reserve,
        Settle,
        Upload,
        GiveBack,
        Deliver,
        KillEdge,
        KillGovernance,
        Wait,
        Raise,
        Lower,
        Override,
        Sweep,
    }

    private enum Fate
    {
        Answered,
        AnswerLost,
        Repeated,
        Delayed,
    }

    [Fact]
    public async Task Settled_and_leased_never_pass_the_limit_and_every_record_counts_once()
    {
        var source = Postgres is null ? null : NpgsqlDataSource.Create(Postgres);
        Database database = source is null ? new SqliteDatabase(Path.Combine(DataDirectory, "ledger.db")) : new PostgresDatabase(source);
        try
        {
            var ledger = await LedgerHarness.StartAsync(database, new ManualTime(_begin), Cancellation);
            await Task.Factory.StartNew(
                () => Prop.ForAll(Arb.From(_steps), steps => RunAsync(ledger, steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(cases)),
                Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            (database as IDisposable)?.Dispose();
            if (source is not null)
            {
                await source.DisposeAsync();
            }
        }
    }

    private async Task RunAsync(LedgerHarness ledger, Step[] steps)
    {
        ledger.Time.Now = _begin;
        var name = $"c{_case++}";
        var world = new World(ledger, name);
        await world.BeginAsync();
        foreach (var step in steps)
        {
            await world.DoAsync(step);
            await world.CheckAsync();
        }

        await world.EndAsync();
    }

    private sealed record Step(Do What, int Edge, int A, int B, Fate Fate);

    private sealed class World(LedgerHarness ledger, string name)
    {
        private readonly ModelEdge[] _edges = [new($"{name}-e0", TimeSpan.Zero), new($"{name}-e1", TimeSpan.FromMinutes(-4)), new($"{name}-e2", TimeSpan.FromMinutes(4))];
        private readonly Dictionary<(string, string, long), long> _last = [];
        private readonly Dictionary<(string, string, long), long> _recorded = [];
        private readonly HashSet<string> _ids = [];
        private BudgetEntry[] _budgets = [];

        public async Task BeginAsync()
        {
            _budgets =
            [
                new() { Id = $"{name}-a", Name = "a", LimitNanoUsd = 1_000, Window = BudgetWindow.Hour, Windows = [new() { LimitNanoUsd = 2_000, Unit = BudgetWindow.Day, TimeZone = "Europe/Berlin" }] },
                new() { Id = $"{name}-b", Name = "b", Windows = [new() { LimitNanoUsd = 1_500, Unit = BudgetWindow.Hour, Rolling = true }, new() { LimitNanoUsd = 6_000, Unit = BudgetWindow.Total }] },
            ];
            foreach (var budget in _budgets)
            {
                await ledger.PutAsync(budget, Cancellation);
            }
        }

        public async Task DoAsync(Step step)
        {
            var edge = _edges[step.Edge];
            switch (step.What)
            {
                case Do.Reserve:
                    await ReserveAsync(edge, step);
                    break;
                case Do.Settle when edge.Requests.Count > 0:
                    var at = step.A % edge.Requests.Count;
                    edge.Settle(at, edge.Requests[at].Amount * step.B / 1_000);
                    break;
                case Do.Upload:
                    await UploadAsync(edge, 1 + (step.A % 4), step.Fate);
                    break;
                case Do.GiveBack:
                    var accounts = ModelEdge.AccountsOf(_budgets, edge.Clock(ledger.Time.Now));
                    edge.GiveBack(accounts);
                    await AskAsync(edge, accounts, 0, 0, step.Fate);
                    break;
                case Do.Deliver when edge.Delayed.Count > 0:
                    var late = edge.Delayed[step.A % edge.Delayed.Count];
                    edge.Delayed.Remove(late);
                    await ledger.AskAsync(late, Cancellation);
                    break;
                case Do.KillEdge:
                    edge.Kill(amount => step.A % 2 == 0 ? null : amount * step.B / 1_000);
                    break;
                case Do.KillGovernance:
                    await ledger.RestartAsync(Cancellation);
                    break;
                case Do.Wait:
                    ledger.Time.Now += TimeSpan.FromMinutes(1 + (step.A % 30));
                    break;
                case Do.Raise or Do.Lower:
                    await ChangeAsync(step.A, b => b with
                    {
                        LimitNanoUsd = Changed(b.LimitNanoUsd, step), Windows = [.. b.Windows.Select(w => w with { LimitNanoUsd = Changed(w.LimitNanoUsd, step)!.Value })],
                    });
                    break;
                case Do.Override:
                    await ChangeAsync(step.A, b => b with { Overrides = [new("o", 1 + step.B, ledger.Time.Now.AddMinutes(10))] });
                    break;
                case Do.Sweep:
                    await ledger.SweepAsync(Cancellation, ledger.Time.Micros);
                    break;
            }
        }

        /// <summary>What must hold after every step, as the tables have it.</summary>
        public async Task CheckAsync()
        {
            foreach (var budget in _budgets)
            {
                foreach (var window in BudgetWindows.Of(budget))
                {
                    // An edge whose clock is ahead leases for the next hour before it begins here, under the limit of that time.
                    foreach (var start in _edges.Select(e => BudgetWindows.Around(window, e.Clock(ledger.Time.Now)).Start).Distinct())
                    {
                        await CheckAsync(budget, window, start);
                    }
                }
            }
        }

        /// <summary>Everything ends, and everything is where it belongs.</summary>
        public async Task EndAsync()
        {
            foreach (var edge in _edges)
            {
                while (edge.Requests.Count > 0)
                {
                    edge.Settle(0, edge.Requests[0].Amount);
                }

                await UploadAsync(edge, int.MaxValue, Fate.Repeated);
                edge.Kill(static _ => null);
                await AskAsync(edge, [], 0, 0, Fate.Answered);
                Assert.All(edge.Delayed, late => Assert.True(late.Epoch < edge.Epoch));
                foreach (var late in edge.Delayed)
                {
                    await ledger.AskAsync(late, Cancellation);
                }
            }

            var accounts = await ledger.Database.ReadAsync(
                s => s.QueryAsync<Row>("SELECT budget_id AS BudgetId, window_key AS Window, start, settled, leased FROM budget_accounts WHERE budget_id IN (@a, @b)", new { a = _budgets[0].Id, b = _budgets[1].Id }), Cancellation);
            Assert.All(accounts, a => Assert.Equal(0, a.Leased));
            Assert.Equal(
                _recorded.Where(r => r.Value > 0).Select(r => $"{r.Key}={r.Value}").Order(StringComparer.Ordinal),
                accounts.Where(a => a.Settled > 0).Select(a => $"{(a.BudgetId, a.Window, a.Start)}={a.Settled}").Order(StringComparer.Ordinal));

            // What is left is there for a single request, to the last nano-dollar.
            var edge0 = _edges[0];
            foreach (var account in ModelEdge.AccountsOf(_budgets, edge0.Clock(ledger.Time.Now)))
            {
                var budget = _budgets.Single(b => b.Id == account.BudgetId);
                var window = BudgetWindows.Of(budget).Single(w => BudgetWindows.Key(w) == account.Window);
                var left = window.LimitNanoUsd + BudgetAmounts.Overrides(budget, ledger.Time.Now) - (await ledger.FiguresAsync(account.BudgetId, account.Window, Cancellation)).Counted;
                if (left > 0)
                {
                    var response = await ledger.AskAsync(edge0.Question([account], left, 0), Cancellation);
                    Assert.Equal(left, response.Leases[0].Granted);
                }

                Assert.Equal(Math.Max(0, left), (await ledger.AskAsync(_edges[1].Question([account], 1, 0), Cancellation)).Leases[0].Granted + Math.Max(0, left));
            }

            foreach (var budget in _budgets)
            {
                await ledger.DeleteAsync(budget.Id, Cancellation);
            }
        }

        private async Task CheckAsync(BudgetEntry budget, BudgetWindowEntry window, long start)
        {
            var key = BudgetWindows.Key(window);
            var (counted, leased) = await ledger.FiguresAsync(budget.Id, key, start, Cancellation);
            var account = (budget.Id, key, start);
            var allowed = window.LimitNanoUsd + BudgetAmounts.Overrides(budget, ledger.Time.Now);
            var ceiling = Math.Max(allowed, _last.GetValueOrDefault(account));
            Assert.True(counted + leased <= ceiling, $"{account}: {counted} settled and {leased} leased pass {ceiling}");
            _last[account] = counted + leased;

            // And as it is: what edges have spent and hold, whether told or not.
            if (!window.Rolling)
            {
                var held = _edges.SelectMany(e => e.Requests).Where(r => r.Accounts.Contains(new ModelAccount(budget.Id, key, start))).Sum(r => r.Amount);
                var spent = Spent(account, window);
                Assert.True(spent + held <= ceiling, $"{account}: {spent} spent and {held} held pass {ceiling}");
            }
        }

        private static long? Changed(long? limit, Step step) => step.What == Do.Raise ? limit + step.B : limit is { } from ? Math.Max(0, from - step.B) : null;

        private async Task ChangeAsync(int which, Func<BudgetEntry, BudgetEntry> change)
        {
            _budgets[which % 2] = change(_budgets[which % 2]);
            await ledger.PutAsync(_budgets[which % 2], Cancellation);
        }

        private async Task ReserveAsync(ModelEdge edge, Step step)
        {
            var started = edge.Clock(ledger.Time.Now);
            var accounts = ModelEdge.AccountsOf(step.B % 3 == 2 ? _budgets : [_budgets[step.B % 3]], started);
            var amount = 1 + (step.A % 3 == 0 ? step.A : step.A / 10);
            if (!edge.HasRoom(accounts, amount))
            {
                await AskAsync(edge, accounts, amount, step.B % 2 * amount * 3, step.Fate);
            }

            if (edge.HasRoom(accounts, amount))
            {
                edge.Hold(accounts, amount, started);
            }
        }

        private async Task AskAsync(ModelEdge edge, IReadOnlyList<ModelAccount> accounts, long needed, long wanted, Fate fate)
        {
            var question = edge.Question(accounts, needed, wanted);
            if (fate == Fate.Delayed)
            {
                edge.Delayed.Add(question);
                return;
            }

            var response = await ledger.AskAsync(question, Cancellation);
            if (fate == Fate.Repeated)
            {
                response = await ledger.AskAsync(question, Cancellation);
            }

            if (fate != Fate.AnswerLost)
            {
                edge.Take(accounts, response);
            }
        }

        private async Task UploadAsync(ModelEdge edge, int most, Fate fate)
        {
            var batch = edge.Journal.Take(most).ToList();
            if (batch.Count == 0 || fate == Fate.Delayed)
            {
                return;
            }

            await ledger.IngestAsync(edge.Id, batch, Cancellation);
            if (fate == Fate.Repeated)
            {
                await ledger.IngestAsync(edge.Id, batch, Cancellation);
            }

            foreach (var record in batch.Where(r => _ids.Add(r.Id)))
            {
                foreach (var account in record.Budgets)
                {
                    var (budget, window) = BudgetWindows.SplitAccount(account)!.Value;
                    var key = (budget, window, BudgetWindows.Around(BudgetWindows.Parse(window)!, record.StartedAtMicros).Start);
                    _recorded[key] = _recorded.GetValueOrDefault(key) + record.CostNanoUsd;
                }
            }

            if (fate != Fate.AnswerLost)
            {
                edge.Journal.RemoveRange(0, batch.Count);
            }
        }

        private long Spent((string Budget, string Window, long Start) account, BudgetWindowEntry window)
            => _recorded.GetValueOrDefault(account)
                + _edges.SelectMany(e => e.Journal).Where(r => !_ids.Contains(r.Id) && r.Budgets.Contains($"{account.Budget}#{account.Window}")
                    && BudgetWindows.Around(window, r.StartedAtMicros).Start == account.Start).Sum(r => r.CostNanoUsd);

        private sealed record Row
        {
            public required string BudgetId { get; init; }

            public required string Window { get; init; }

            public long Start { get; init; }

            public long Settled { get; init; }

            public long Leased { get; init; }
        }
    }
}
