using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.Tests;

namespace Gateway.SemanticCache.Tests;

/// <summary>The service killed at any moment while it stores and deletes: what it confirmed is there, and nothing is there that nobody stored.</summary>
public sealed class KilledServiceTests : IDisposable
{
    private const int Rounds = 4;
    private const int Writers = 4;

    private readonly string folder = Directory.CreateTempSubdirectory("semcache-kill").FullName;
    private readonly ConcurrentDictionary<string, bool> confirmed = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_that_was_confirmed_is_lost_or_comes_back(bool encrypt)
    {
        var random = new Random(encrypt ? 7 : 5);
        for (var round = 0; round < Rounds; round++)
        {
            var service = await StartAsync(encrypt);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            int goal;
            Task[] writers = [];
            try
            {
                await CheckAsync(service);
                goal = confirmed.Count + random.Next(10, 120);
                writers = Enumerable.Range(0, Writers).Select(w => WriteAsync(service, (round * Writers) + w, new Random(random.Next()), stop.Token)).ToArray();
                while (confirmed.Count < goal && !Array.TrueForAll(writers, static w => w.IsCompleted))
                {
                    await Task.Delay(1, Cancel);
                }
            }
            finally
            {
                // Kills: what is written at this moment is cut off wherever it is.
                await service.DisposeAsync();
                await stop.CancelAsync();
            }

            await Task.WhenAll(writers);
            Assert.True(confirmed.Count >= goal, service.Output);
        }

        await using var last = await StartAsync(encrypt);
        await CheckAsync(last);
        Assert.Equal(0, await last.StopAsync());
    }

    private Task<ServiceProcess> StartAsync(bool encrypt) => ServiceProcess.StartAsync(
        "Gateway.SemanticCache", ("Gateway:DataDirectory", folder), ("Gateway:Cache:Encrypt", encrypt ? "true" : "false"));

    /// <summary>Stores, replaces and deletes until the service is gone; notes what was confirmed, and forgets what was under way.</summary>
    private async Task WriteAsync(ServiceProcess service, int writer, Random random, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            // Of another script: stored without an embedding, so that nearly all the time is writing.
            var text = $"вопрос {writer} {(random.Next(4) == 0 ? random.Next(i + 1) : i)}";
            try
            {
                if (random.Next(6) == 0 && confirmed.TryGetValue(text, out var there) && there)
                {
                    confirmed.TryRemove(text, out _);
                    using var found = await service.Client.GetAsync("/v1/entries?limit=1&text=" + Uri.EscapeDataString(text), stop);
                    var list = JsonSerializer.Deserialize(await found.Content.ReadAsStringAsync(stop), ContractsJson.Default.CacheEntryList)!;
                    if (list.Entries is [{ } entry] && entry.Text == text)
                    {
                        using var deleted = await service.Client.DeleteAsync("/v1/entries/" + entry.Id, stop);
                        confirmed[text] = false;
                    }

                    continue;
                }

                confirmed.TryRemove(text, out _);
                var request = new CacheStoreRequest { Partition = new string('a', 64), Text = text, TtlSeconds = 86_400, Answer = Answer(text, random.Next(1, 40_000)) };
                using var content = new StringContent(JsonSerializer.Serialize(request, ContractsJson.Default.CacheStoreRequest), Encoding.UTF8, "application/json");
                using var stored = await service.Client.PostAsync("/v1/store", content, stop);
                Assert.True(JsonSerializer.Deserialize(await stored.Content.ReadAsStringAsync(stop), ContractsJson.Default.CacheStoreResponse)!.Stored);
                confirmed[text] = true;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException or IOException or JsonException)
            {
                return;
            }
        }
    }

    private async Task CheckAsync(ServiceProcess service)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (string? after = ""; after is not null;)
        {
            var page = JsonSerializer.Deserialize(
                await service.Client.GetStringAsync("/v1/entries?limit=200" + (after.Length == 0 ? "" : "&after=" + after), Cancel), ContractsJson.Default.CacheEntryList)!;
            foreach (var entry in page.Entries)
            {
                Assert.True(found.Add(entry.Text), $"{entry.Text} is there twice");
            }

            after = page.Next;
        }

        foreach (var (text, there) in confirmed)
        {
            Assert.Equal(there, found.Contains(text));
        }

        // Each body is what was stored, to the byte.
        foreach (var text in found.Take(60))
        {
            var request = new CacheLookupRequest { Partition = new string('a', 64), Text = text, BudgetMilliseconds = 60_000 };
            using var content = new StringContent(JsonSerializer.Serialize(request, ContractsJson.Default.CacheLookupRequest), Encoding.UTF8, "application/json");
            using var response = await service.Client.PostAsync("/v1/lookup", content, Cancel);
            var answer = JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Cancel), ContractsJson.Default.CacheLookupResponse)!;
            Assert.Equal(CacheOutcome.Hit, answer.Outcome);
            Assert.Equal(Answer(text, answer.Answer!.Body.Length - 32).Body, answer.Answer.Body);
        }

        Assert.Contains("\"ready\"", await service.Client.GetStringAsync("/health/ready", Cancel), StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(Path.Combine(folder, "semanticcache", "entries", "quarantine")));
    }

    /// <summary>A body that says for which text it is.</summary>
    private static CacheAnswer Answer(string text, int length)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return new CacheAnswer { Body = [.. digest, .. Enumerable.Range(0, length).Select(i => (byte)(digest[i % 32] + i))], Text = text };
    }
}
