using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;
using OpenAI;
using OpenAI.Chat;

namespace Gateway.EndToEnd.Clients;

/// <summary>What was said goes from the edge to governance redacted, is found by its words, and lies nowhere in clear.</summary>
public abstract class RequestLogTests(GatewayFixture gateway) : GatewayTests(gateway)
{
    private const string Mail = "maria.gonzalez@example.com";

    [Fact]
    public async Task Requests_of_a_key_that_keeps_bodies_are_found_read_and_in_no_file()
    {
        var (id, key) = await Gateway.NewKeyAsync("request log");
        await Gateway.Admin.PatchAsync($"keys/{id}", new { requestLog = "Bodies" });
        var chat = new ChatClient("sim-log?tokens=5", new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(Gateway.Url + "/v1"), RetryPolicy = new ClientRetryPolicy(0) });
        List<JsonNode> found = [];

        // The level is in force a moment after it is set.
        await Poll.UntilAsync(
            async () =>
            {
                await chat.CompleteChatAsync([new UserChatMessage($"The quokka writes to {Mail} today.")], cancellationToken: Cancellation);
                await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage($"A streamed quokka, of {Mail} again.")], cancellationToken: Cancellation))
                {
                }

                // Entries and usage records travel apart: an entry of the latest call may be there before its record.
                found = [.. (await Gateway.Admin.GetAsync($"logs?text=quokka&key={id}&limit=1000"))["items"]!.AsArray().Select(i => i!).Where(i => i["record"] is not null)];
                return found.Any(f => (bool)f["record"]!["stream"]!) && found.Any(f => !(bool)f["record"]!["stream"]!);
            },
            () => "The requests never came into the log.");

        foreach (var item in found)
        {
            var bodies = await Gateway.Admin.GetAsync($"logs/{(string)item["id"]!}/bodies");
            Assert.Contains("quokka", (string)bodies["request"]!["text"]!, StringComparison.Ordinal);
            Assert.True((int)bodies["request"]!["redacted"]! >= 1);
            Assert.NotEmpty((string)bodies["answer"]!["text"]!);
            Assert.DoesNotContain(Mail, bodies.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal("Completed", (string)item["record"]!["outcome"]!);
        }

        foreach (var file in Directory.EnumerateFiles(Gateway.Data, "*", SearchOption.AllDirectories).Where(f => f.Contains("governance", StringComparison.Ordinal) || f.Contains("edge", StringComparison.Ordinal) || f.Contains("postgres", StringComparison.Ordinal)))
        {
            Assert.False(await HoldsAsync(file, Mail), $"{Mail} is in {file}");
            Assert.False(await HoldsAsync(file, "quokka"), $"what was said is in {file}");
        }
    }

    private static async Task<bool> HoldsAsync(string file, string text)
    {
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[1024 * 1024];
            var kept = 0;
            for (int read; (read = await stream.ReadAsync(buffer.AsMemory(kept), Cancellation)) > 0;)
            {
                var span = buffer.AsSpan(0, kept + read);
                if (span.IndexOf(System.Text.Encoding.ASCII.GetBytes(text)) >= 0)
                {
                    return true;
                }

                kept = Math.Min(span.Length, text.Length - 1);
                span[^kept..].CopyTo(buffer);
            }

            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A segment that was delivered and deleted meanwhile, or a file of the server that nobody else may open.
            return false;
        }
    }
}
