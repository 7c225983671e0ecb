using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission.Budgets;

namespace Gateway.Edge.Tests.Admission;

/// <summary>Edges that lease from one ledger, in any order of holds, endings, questions, lost answers, waits, kills and late records.</summary>
public sealed class LeasePropertyTests
{
    private const int Steps = 400;

    [Fact]
    public void Nothing_is_overspent_and_nothing_is_left_over_whatever_happens() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), static seed =>
        {
            var random = new Random(seed);
            var limits = new Dictionary<string, long>(StringComparer.Ordinal) { ["key"] = random.Next(0, 50_000), ["team"] = random.Next(1_000, 80_000) };
            var world = new World(random, limits);
            for (var i = 0; i < Steps; i++)
            {
                world.Step();
                world.Check();
            }

            world.ComeToRest();
            world.CheckAtRest();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_fits_is_admitted_when_requests_come_one_by_one() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), static seed =>
        {
            var random = new Random(seed);
            var world = new World(random, new Dictionary<string, long>(StringComparer.Ordinal) { ["key"] = 10_000, ["team"] = 12_000 });
            var (spent, refused) = (0L, false);
            while (!refused)
            {
                var amount = random.Next(100, 2_000);
                var edge = world.Edges[random.Next(world.Edges.Count)];
                var admitted = world.HoldPatiently(edge, amount);
                Assert.Equal(spent + amount <= 10_000, admitted);
                refused = !admitted;
                if (admitted)
                {
                    spent += amount;
                    edge.SettleOldest(amount);
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Without_a_budget_nothing_is_asked_and_nothing_refused() => Assert.True(new KeyBudgets([], []).For("any", ["a"], "a").IsEmpty);

    private sealed class World
    {
        private readonly Random _random;
        private readonly IReadOnlyDictionary<string, long> _limits;
        private readonly ModelLedger _ledger;
        private readonly List<(string Edge, long Epoch, long Cost)> _records = [];
        private long _charged;

        public World(Random random, IReadOnlyDictionary<string, long> limits)
        {
            _random = random;
            _limits = limits;
            _ledger = new ModelLedger(limits);
            // Clocks that differ by up to an hour: leases run by each edge's own.
            Edges = [.. Enumerable.Range(0, 3).Select(i => new SimulatedEdge($"edge{i}", 1, limits, random.Next(3_600)))];
        }

        public List<SimulatedEdge> Edges { get; }

        public void Step()
        {
            var at = _random.Next(Edges.Count);
            var edge = Edges[at];
            switch (_random.Next(12))
            {
                case 0 or 1 or 2 or 3:
                    edge.Hold(_random.Next(1, 4_000), waits: _random.Next(2) == 0);
                    break;
                case 4 or 5 or 6 when edge.Holds.Count > 0:
                    Record(edge, edge.SettleOldest(_random.NextInt64(edge.Holds.Peek() + 1)));
                    break;
                case 7 or 8:
                    Exchange(edge, loses: _random.Next(4) == 0);
                    break;
                case 9:
                    Ingest();
                    break;
                case 10:
                    edge.Clock.Now += TimeSpan.FromMilliseconds(_random.Next(1, 3_000));
                    break;
                default:
                    if (_random.Next(8) == 0)
                    {
                        // Killed: what ran is settled by its hold when the edge comes back.
                        foreach (var held in edge.Holds)
                        {
                            Record(edge, held);
                        }

                        Edges[at] = new SimulatedEdge(edge.Id, edge.Epoch + 1, _limits, _random.Next(3_600));
                    }

                    break;
            }
        }

        public bool HoldPatiently(SimulatedEdge edge, long amount)
        {
            for (var i = 0; i < 40; i++)
            {
                if (edge.Hold(amount, waits: true))
                {
                    return true;
                }

                foreach (var each in Edges)
                {
                    Exchange(each, loses: false);
                    each.Clock.Now += TimeSpan.FromMilliseconds(100);
                }

                Ingest();
            }

            return false;
        }

        public void Check()
        {
            foreach (var (budget, limit) in _limits)
            {
                var held = Edges.Sum(static e => e.Holds.Sum());
                Assert.True(_charged + held <= limit, $"{budget}: {_charged} settled and {held} held of {limit}");
                Assert.True(_ledger.Settled[budget] + _ledger.Leased(budget) <= limit);
            }
        }

        public void ComeToRest()
        {
            foreach (var edge in Edges)
            {
                while (edge.Holds.Count > 0)
                {
                    Record(edge, edge.SettleOldest(edge.Holds.Peek()));
                }
            }

            for (var i = 0; i < 20; i++)
            {
                Ingest();
                foreach (var edge in Edges)
                {
                    edge.Clock.Now += TimeSpan.FromSeconds(1);
                    Exchange(edge, loses: false);
                }
            }
        }

        public void CheckAtRest()
        {
            foreach (var edge in Edges)
            {
                Assert.All(edge.Accounts, static a => Assert.Equal(0, a.Figures.Held));
                Assert.False(edge.Leases.IsActive);
            }

            Assert.All(_limits.Keys, b => Assert.Equal((_charged, 0), (_ledger.Settled[b], _ledger.Leased(b))));
        }

        private void Exchange(SimulatedEdge edge, bool loses)
        {
            var sentAt = edge.Clock.GetTimestamp();
            var questions = edge.Leases.Compose(sentAt, all: true);
            var request = new LeaseRequest
            {
                EdgeId = edge.Id,
                Epoch = edge.Epoch,
                EarlierRunsSettled = !_records.Exists(r => r.Edge == edge.Id && r.Epoch < edge.Epoch),
                Leases = [.. questions.Select(static q => q.Ask)],
            };
            if (loses && _random.Next(2) == 0)
            {
                edge.Leases.Fail(questions);
                return;
            }

            var answer = _ledger.Answer(request, 5_000);
            if (loses)
            {
                edge.Leases.Fail(questions);
            }
            else
            {
                Assert.True(edge.Leases.Apply(questions, answer, sentAt));
            }
        }

        private void Record(SimulatedEdge edge, long cost)
        {
            _charged += cost;
            _records.Add((edge.Id, edge.Epoch, cost));
        }

        private void Ingest()
        {
            foreach (var (edge, epoch, cost) in _records)
            {
                _ledger.Ingest(edge, epoch, _limits.Keys, cost);
            }

            _records.Clear();
        }
    }

    private sealed class SimulatedEdge
    {
        private readonly List<(BudgetAccount Account, LeaseWaiter Waiter)> _waiters = [];

        public SimulatedEdge(string id, long epoch, IReadOnlyDictionary<string, long> limits, int skewSeconds)
        {
            Id = id;
            Epoch = epoch;
            Clock = new ManualTime(new DateTimeOffset(2026, 3, 31, 12, 0, 0, TimeSpan.Zero).AddSeconds(skewSeconds));
            var book = new BudgetBook(Clock, isLocal: false);
            Accounts = [.. limits.SelectMany(l => book.Open(new BudgetEntry { Id = l.Key, Name = l.Key, LimitNanoUsd = l.Value, Window = BudgetWindow.Total }))];
            Leases = new LeaseExchange(book);
        }

        public string Id { get; }

        public long Epoch { get; }

        public ManualTime Clock { get; }

        public BudgetAccount[] Accounts { get; }

        public LeaseExchange Leases { get; }

        public Queue<long> Holds { get; } = [];

        public bool Hold(long amount, bool waits)
        {
            foreach (var (account, waiter) in _waiters)
            {
                account.Leave(waiter);
            }

            _waiters.Clear();
            for (var i = 0; i < Accounts.Length; i++)
            {
                if (Accounts[i].TryHold(1, amount, Clock.GetTimestamp()) != HoldOutcome.Held)
                {
                    for (var taken = 0; taken < i; taken++)
                    {
                        Accounts[taken].Settle(1, amount, 0);
                    }

                    if (waits)
                    {
                        _waiters.Add((Accounts[i], Accounts[i].Wait(1, amount)));
                    }

                    return false;
                }
            }

            Holds.Enqueue(amount);
            return true;
        }

        public long SettleOldest(long used)
        {
            var held = Holds.Dequeue();
            foreach (var account in Accounts)
            {
                account.Settle(1, held, used);
            }

            return used;
        }
    }
}
