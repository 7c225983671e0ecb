using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class UsageKeepingOnSqliteTests() : UsageKeepingTests(null);

public sealed class UsageKeepingOnPostgresTests(PostgresServer server) : UsageKeepingTests(server);

/// <summary>Search, export, retention and sums of the ledger.</summary>
public abstract class UsageKeepingTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string All = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";

    [Fact]
    public async Task Records_are_found_by_every_filter_page_by_page()
    {
        var instance = await StartAsync();
        var random = new Random(5);
        var records = Enumerable.Range(0, 300).Select(i => UsageAggregateTests.Record(random, i)).ToList();
        await IngestAsync(instance, records);

        foreach (var (query, wanted) in ((string, Func<UsageRecord, bool>)[])
        [
            ("", _ => true), ("key=k1", r => r.KeyId == "k1"), ("model=m2&team=t1", r => r.Model == "m2" && r.TeamId == "t1"), ("customer=c1", r => r.CustomerId == "c1"),
            ("user=u1", r => r.UserId == "u1"), ("endUser=e1", r => r.EndUser == "e1"), ("session=s3", r => r.SessionId == "s3"), ("trace=" + new string('0', 31) + "3", r => r.TraceId == new string('0', 31) + "3"),
            ("tag=t1", r => r.Tags.Contains("t1")), ("tag=T1&key=k0", r => r.Tags.Contains("T1") && r.KeyId == "k0"), ("status=502", r => r.Status == 502), ("failed=true", r => r.Status >= 400),
            ("provider=p1&route=r0", r => r.ProviderId == "p1" && r.Route == "r0"), ("minCostUsd=0.1234569", r => r.CostNanoUsd >= 123_456_900), ("maxCostUsd=0", r => r.CostNanoUsd == 0),
            ("minDurationMs=1", r => r.DurationMicros >= 1000), ("key=nobody", _ => false),
        ])
        {
            var found = new List<string>();
            for (string? next = ""; next is not null;)
            {
                var page = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage/records?limit=37&{query}{(next.Length == 0 ? "" : $"&after={next}")}");
                found.AddRange(page["items"]!.AsArray().Select(r => r!["id"]!.GetValue<string>()));
                next = page["next"]?.GetValue<string>();
            }

            Assert.Equal(records.Where(wanted).OrderByDescending(r => r.StartedAtMicros).ThenByDescending(r => r.Id, StringComparer.Ordinal).Select(r => r.Id), found);
        }

        Assert.Equal(records[9].Model, (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage/records/{records[9].Id}"))["model"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/usage/records/none")).Status);
    }

    [Fact]
    public async Task Exports_have_every_record_of_the_filter_once_and_no_formulas()
    {
        var instance = await StartAsync();
        var random = new Random(6);
        var records = Enumerable.Range(0, 1_500).Select(i => UsageAggregateTests.Record(random, i) with { Model = i == 3 ? "=cmd|' /C calc'!A0" : i == 4 ? "a,\"b\"\nc" : $"m{i % 3}" }).ToList();
        await IngestAsync(instance, records);
        var expected = records.Where(r => r.KeyId == "k2").Sum(r => r.CostNanoUsd);

        var csv = await ExportAsync("csv&key=k2");
        Assert.Equal(records.Count(r => r.KeyId == "k2"), csv.Count - 1);
        Assert.Equal(expected, csv.Skip(1).Sum(r => long.Parse(r[csv[0].IndexOf("costNanoUsd")], CultureInfo.InvariantCulture)));
        var focus = await ExportAsync("focus&key=k2");
        Assert.Equal(expected, focus.Skip(1).Sum(r => decimal.Parse(r[focus[0].IndexOf("BilledCost")], CultureInfo.InvariantCulture)) * 1_000_000_000m);
        var whole = await ExportAsync("csv");
        Assert.All(whole, r => Assert.Equal(whole[0].Count, r.Count));
        Assert.All((await ExportAsync("focus")).Skip(1), r => Assert.Equal(focus[0].Count, r.Count));
        Assert.Equal(records.Sum(r => r.CostNanoUsd), whole.Skip(1).Sum(r => long.Parse(r[whole[0].IndexOf("costNanoUsd")], CultureInfo.InvariantCulture)));
        var model = whole[0].IndexOf("model");
        Assert.Contains(whole, r => r[model] == "'=cmd|' /C calc'!A0");
        Assert.Contains(whole, r => r[model].StartsWith("a,\"b\"", StringComparison.Ordinal));
        var lines = (await instance.Admin.GetStringAsync($"/api/usage/export?{All}&format=jsonl", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(records.Sum(r => r.CostNanoUsd), lines.Sum(l => JsonNode.Parse(l)!["costNanoUsd"]!.GetValue<long>()));
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/usage/export?format=xls")).Status);

        var audited = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit?action=usage.export"))["items"]!.AsArray();
        Assert.Equal(5, audited.Count);

        async Task<List<List<string>>> ExportAsync(string query) => Parse(await instance.Admin.GetStringAsync($"/api/usage/export?{All}&format={query}", Cancellation));
    }

    [Fact]
    public async Task What_retention_drops_stays_in_the_totals_and_does_not_count_again()
    {
        var first = await StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var old = Enumerable.Range(0, 60).Select(i => Journal(i, now.AddDays(-100 - i))).ToList();
        var recent = Enumerable.Range(60, 20).Select(i => Journal(i, now.AddHours(60 - i))).ToList();
        await IngestAsync(first, [.. old, .. recent]);
        var range = $"from={now.AddDays(-170):yyyy-MM-ddTHH:mm:ssZ}&to={now.AddHours(2):yyyy-MM-ddTHH:mm:ssZ}&groupBy=model";
        var before = await DoAsync(first.Admin, HttpMethod.Get, $"/api/usage?{range}");
        await StopAsync(first);

        var second = await StartAsync(settings: new Dictionary<string, string?> { ["Gateway:UsageRetention:RecordDays"] = "40", ["Gateway:UsageRetention:HourlyDays"] = "30" });
        var horizon = now.AddDays(-100).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        JsonObject page;
        do
        {
            page = await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage/records?limit=1000&to={horizon}");
            await Task.Yield();
        }
        while (page["items"]!.AsArray().Count > 0 && !Cancellation.IsCancellationRequested);

        // A lost acknowledgement, found months later: known by its place, although its row is gone.
        var again = await IngestAsync(second, old);
        var after = await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage?{range}");

        Assert.Equal((0, 60), (again.Stored, again.Duplicates));
        Assert.Equal(before["total"]!.ToJsonString(), after["total"]!.ToJsonString());
        Assert.Equal(before["groups"]!.ToJsonString(), after["groups"]!.ToJsonString());
        Assert.Equal(20, (await DoAsync(second.Admin, HttpMethod.Get, "/api/usage/records?limit=1000"))["items"]!.AsArray().Count(r => r!["id"]!.GetValue<string>() != ""));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_journal_is_taken_once_whatever_of_it_comes_as_sums_and_again(int seed)
    {
        var instance = await StartAsync();
        var random = new Random(seed);
        var journal = Enumerable.Range(0, 400).Select(i => Journal(i, new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(i))).ToList();
        for (var acknowledged = 0; acknowledged < journal.Count;)
        {
            // What an edge may do: send on from where it knows, in either form, any number of records, and perhaps not hear the answer.
            var stretch = journal.Skip(acknowledged).Take(random.Next(1, 60)).ToList();
            var isSummed = random.Next(2) == 0;
            var ack = await SendAsync(instance, isSummed ? Sum(stretch) : new UsageBatch { EdgeId = "e", Records = stretch });
            if (random.Next(3) == 0)
            {
                continue;
            }

            Assert.True(ack.TakesSums);
            acknowledged = ack.TakenUpTo is { } taken && taken < stretch.Count + acknowledged - 1 ? (int)taken + 1 : acknowledged + stretch.Count;
        }

        var total = (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{All}"))["total"]!;
        Assert.Equal((400, journal.Sum(r => r.CostNanoUsd)), (total["requests"]!.GetValue<long>(), total["costNanoUsd"]!.GetValue<long>()));
        Assert.Equal(journal.Sum(r => r.Tokens.Input), total["tokens"]!["input"]!.GetValue<long>());
    }

    private static UsageRecord Journal(int number, DateTimeOffset at) => UsageTests.Record(number) with
    {
        Id = $"00000000000000aa{number:x16}", StartedAtMicros = UsageAggregateTests.Micros(at), Model = "m",
    };

    private static UsageBatch Sum(List<UsageRecord> stretch) => new()
    {
        EdgeId = "e",
        Summed = new UsageSpan { Writer = "00000000000000aa", First = Convert.ToInt64(stretch[0].Id[16..], 16), Last = Convert.ToInt64(stretch[^1].Id[16..], 16) },
        Records =
        [
            stretch[0] with
            {
                Id = $"ff{stretch[0].Id[18..]}{stretch.Count:x16}", Count = stretch.Count, CostNanoUsd = stretch.Sum(r => r.CostNanoUsd), Tokens = new TokenUsage { Input = stretch.Sum(r => r.Tokens.Input) },
            },
        ],
    };

    private static async Task<UsageAck> SendAsync(Instance instance, UsageBatch batch)
    {
        using var response = await instance.Internal.PostAsJsonAsync("/internal/usage", batch, ContractsJson.Default.UsageBatch, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.UsageAck, Cancellation))!;
    }

    private static List<List<string>> Parse(string csv)
    {
        var (rows, row, field, quoted) = (new List<List<string>>(), new List<string>(), new System.Text.StringBuilder(), false);
        for (var i = 0; i < csv.Length; i++)
        {
            var c = csv[i];
            if (quoted)
            {
                if (c == '"' && i + 1 < csv.Length && csv[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else if (c == '"')
                {
                    quoted = false;
                }
                else
                {
                    field.Append(c);
                }
            }
            else if (c == '"')
            {
                quoted = true;
            }
            else if (c is ',' or '\r')
            {
                row.Add(field.ToString());
                field.Clear();
                if (c == '\r')
                {
                    i++;
                    rows.Add(row);
                    row = [];
                }
            }
            else
            {
                field.Append(c);
            }
        }

        return rows;
    }
}
