using System.Diagnostics;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Edge.Caching;
using Gateway.Edge.Caching.Memory;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Benchmarks;

/// <summary>What the cache's step costs a request on the edge: where nothing is cached, where a request is not eligible, on a miss and on a hit.</summary>
internal sealed class CacheCosts(Installation installation)
{
    private const int Keys = 1_000;
    private const int Warmup = 30_000;
    private const int Measured = 60_000;
    private const long MemoryBytes = 256 * 1024 * 1024;

    private static readonly byte[] _answer = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"TEXT"},"finish_reason":"stop"}],"usage":{"prompt_tokens":57,"completion_tokens":24,"total_tokens":81}}"""
            .Replace("TEXT", string.Concat(Enumerable.Repeat("word ", 60)), StringComparison.Ordinal));

    private readonly IdentifyStep _identify = installation.Services.GetRequiredService<IdentifyStep>();
    private readonly EnvelopeStep _envelope = installation.Services.GetRequiredService<EnvelopeStep>();
    private readonly AuthorizeStep _authorize = installation.Services.GetRequiredService<AuthorizeStep>();
    private readonly AdmitStep _admit = installation.Services.GetRequiredService<AdmitStep>();
    private readonly SettleStep _settle = installation.Services.GetRequiredService<SettleStep>();
    private readonly IAnswerCache _cache = installation.Services.GetRequiredService<IAnswerCache>();
    private readonly MemoryStore _memory = installation.Services.GetRequiredService<MemoryStore>();
    private readonly StringBuilder _report = new();

    public static async Task RunAsync(string folder, string? save)
    {
        await using var off = await Installation.StartAsync(Path.Combine(folder, "off"), Keys, 100, 10);
        var costs = new CacheCosts(off);
        costs.Line($"What the cache costs a request on the edge, benchmarks/admission cache. One thread, {Measured} requests each by another of {Keys} keys; load average {Load()}");
        costs.Line("Nanoseconds of the cache's step, the clock's own 25 or so included; bytes are allocated by the step. 'keeping' is what follows the answer of a miss: reading it, storing it.");
        costs.Line($"\n{"request",-44}{"body",7}{"mean",9}{"p50",8}{"p99",9}{"bytes",8}   aim");
        costs.Measure("nothing is cached", 5, 0, "1,000");
        await using var on = await Installation.StartAsync(Path.Combine(folder, "on"), Keys, 100, 10, static s => s with
        {
            Settings = s.Settings with { Cache = CacheMode.Exact, CachePolicy = new CachePolicyEntry { Scope = CacheScope.Team, MaxTemperature = 0.8 } },
        });
        var cached = new CacheCosts(on);
        cached.Measure("another operation", 5, 0, "1,000", spec: OperationSpec.Chat with { Operation = Operation.Image });
        cached.Measure("temperature above what is cached", 5, 0, "1,000", ",\"temperature\":1.5");
        cached.Measure("the same of 16 KB", 2_750, 0, "", ",\"temperature\":1.5");
        cached.Measure("a miss", 5, 1, "3,000");
        cached.Measure("a miss of 1 KB", 170, 1, "");
        cached.Measure("a miss of 16 KB", 2_750, 1, "");
        cached.Measure("a hit", 5, 2, "10,000");
        cached.Measure("a hit of 1 KB", 170, 2, "");
        costs.Line(cached._report.ToString().TrimEnd('\n'), print: false);
        costs.Line($"load average at the end {Load()}");
        if (save != "none" && (save ?? ResultFile.PathOf("cache-edge")) is { } file)
        {
            await File.WriteAllTextAsync(file, costs._report.ToString());
            Console.WriteLine($"saved to {file}");
        }
    }

    /// <param name="name">What it is.</param>
    /// <param name="words">Words of the prompt.</param>
    /// <param name="kind">0: it is not looked up, 1: another question each time, 2: always the same.</param>
    /// <param name="aim">Nanoseconds, as told.</param>
    /// <param name="more">Further members of the body.</param>
    /// <param name="spec">What is asked for.</param>
    private void Measure(string name, int words, int kind, string aim, string more = "", OperationSpec? spec = null)
    {
        var requests = new Requests(installation, Keys, words, more);
        if (kind == 2)
        {
            // Of each team one answer; keys share it.
            for (var i = 0; i < Keys; i++)
            {
                _ = Run(requests.Next(i), kind, keep: true);
            }
        }

        var times = new double[Measured];
        var keeping = 0.0;
        long bytes = 0;
        for (var i = -Warmup; i < Measured; i++)
        {
            var question = kind == 1 ? i + Warmup + 1 : 0;
            var run = Run(requests.Next(i + Warmup, question, spec), kind, keep: kind == 1);
            if (i >= 0)
            {
                (times[i], bytes, keeping) = (run.Nanoseconds, bytes + run.Bytes, keeping + run.Keeping);
            }
        }

        Array.Sort(times);
        Line($"{name,-44}{requests.Length,7}{times.Average(),9:0}{times[Measured / 2],8:0}{times[Measured * 99 / 100],9:0}{(double)bytes / Measured,8:0}   {aim}{(kind == 1 ? $"   keeping {keeping / Measured:0}" : "")}");
    }

    private (double Nanoseconds, long Bytes, double Keeping) Run(RequestContext context, int kind, bool keep)
    {
        var failure = _identify.Run(context) ?? Now(_envelope.RunAsync(context)) ?? _authorize.Run(context) ?? Now(_admit.RunAsync(context));
        if (failure is not null)
        {
            throw new InvalidOperationException(failure.Message);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        failure = Now(_cache.LookAsync(context));
        var looked = Stopwatch.GetTimestamp();
        var bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var wanted = kind == 0 ? CacheResult.Bypass : kind == 1 ? CacheResult.Miss : CacheResult.HitExact;
        if (failure is not null || (context.Cache is { } looks && !keep && looks.Outcome != wanted))
        {
            throw new InvalidOperationException(failure?.Message ?? $"{context.Cache!.Outcome} instead of {wanted}: {context.Cache.Reason}");
        }

        var keeping = 0L;
        context.Outcome = RequestOutcome.Completed;
        if (context.Cache is { } facts)
        {
            if (!facts.IsAnswered && keep)
            {
                context.Deployment = facts.Route!.Targets.First().Deployment;
                facts.IsWhole = true;
                var from = Stopwatch.GetTimestamp();
                if (kind == 1)
                {
                    _cache.Offer(context, _answer);
                    Finish(context);
                }
                else
                {
                    _memory.Put(installation.Services.GetRequiredService<AnswerKeeper>().Stored(context, facts, _answer), MemoryBytes);
                    Finish(context);
                }

                keeping = Stopwatch.GetTimestamp() - from;
            }
            else
            {
                Finish(context);
            }
        }

        _settle.Run(context);
        context.Answer.Dispose();
        context.Body.Return();
        var scale = 1e9 / Stopwatch.Frequency;
        return ((looked - start) * scale, bytes, keeping * scale);
    }

    private void Finish(RequestContext context)
    {
        var finish = _cache.FinishAsync(context);
        if (!finish.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("The end waited for something.");
        }
    }

    private static Edge.Errors.Failure? Now(ValueTask<Edge.Errors.Failure?> step) =>
        step.IsCompleted ? step.GetAwaiter().GetResult() : throw new InvalidOperationException("A step waited for something.");

    private static string Load() => File.ReadAllText("/proc/loadavg").Trim();

    private void Line(string line, bool print = true)
    {
        if (print)
        {
            Console.WriteLine(line);
        }

        _report.Append(line).Append('\n');
    }
}
