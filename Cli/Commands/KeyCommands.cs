using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Cli.Commands;

/// <summary><c>gateway keys</c>.</summary>
internal static class KeyCommands
{
    private static readonly string[] Columns = ["id", "name", "prefix", "enabled", "teamId", "expiresAt"];

    public static Command Make(SharedOptions shared)
    {
        var name = new Option<string>("--name") { Description = "Display name.", Required = true };
        var newId = new Option<string?>("--id") { Description = "Id; made when left out." };
        var team = new Option<string?>("--team") { Description = "Team it belongs to." };
        var create = new Command("create", "Makes a key and prints it, once.") { name, newId, team };
        create.SetAction((parsed, cancellation) => RunAsync(shared, parsed, client =>
        {
            var body = new JsonObject { ["name"] = parsed.GetValue(name) };
            Set(body, "id", parsed.GetValue(newId));
            Set(body, "teamId", parsed.GetValue(team));
            return client.PostAsync("/api/keys", body, cancellation);
        }, "id", "key"));

        var list = new Command("list", "Lists virtual keys.");
        list.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var keys = await client.AllAsync("/api/keys?limit=1000", cancellation).ConfigureAwait(false);
            shared.Show(parsed, keys, keys, Columns);
            return ExitCodes.Done;
        });

        return new Command("keys", "Virtual keys.")
        {
            list,
            create,
            Rotate(shared),
            One(shared, "block", "Refuses a key from now on.", (client, id, c) => client.SendAsync(HttpMethod.Patch, $"/api/keys/{id}", """{"enabled":false}""", "application/json", c), "id", "enabled"),
            One(shared, "unblock", "Accepts a blocked key again.", (client, id, c) => client.SendAsync(HttpMethod.Patch, $"/api/keys/{id}", """{"enabled":true}""", "application/json", c), "id", "enabled"),
        };
    }

    private static Command Rotate(SharedOptions shared)
    {
        var id = new Argument<string>("id") { Description = "Id of the key." };
        var overlap = new Option<string>("--overlap")
        {
            Description = "For how long the old value is accepted beside the new one: seconds, or 30m, 24h, 7d; at most 30d. Without it the old value is refused from now on.", DefaultValueFactory = _ => "0",
        };
        var command = new Command("rotate", "Gives a key a new value and prints it, once.") { id, overlap };
        command.SetAction((parsed, cancellation) => RunAsync(
            shared, parsed, client => client.PostAsync($"/api/keys/{Uri.EscapeDataString(parsed.GetValue(id)!)}/rotate", new JsonObject { ["overlapSeconds"] = Seconds(parsed.GetValue(overlap)!) }, cancellation), "id", "key"));
        return command;
    }

    private static long Seconds(string length)
    {
        var unit = length.Length == 0 ? 1 : length[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0 };
        return long.TryParse(unit == 0 || length.Length == 0 ? length : length[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 2_592_000
            ? number * Math.Max(unit, 1)
            : throw new CliException($"'{length}' is no length of time: write seconds, or 30m, 24h, 7d.");
    }

    private static Command One(SharedOptions shared, string name, string description, Func<AdminClient, string, CancellationToken, Task<JsonObject>> call, params string[] fields)
    {
        var id = new Argument<string>("id") { Description = "Id of the key." };
        var command = new Command(name, description) { id };
        command.SetAction((parsed, cancellation) => RunAsync(shared, parsed, client => call(client, Uri.EscapeDataString(parsed.GetValue(id)!), cancellation), fields));
        return command;
    }

    private static async Task<int> RunAsync(SharedOptions shared, ParseResult parsed, Func<AdminClient, Task<JsonObject>> call, params string[] fields)
    {
        using var client = shared.Client(parsed);
        var answer = await call(client).ConfigureAwait(false);
        shared.Show(parsed, answer, [answer], fields);
        return ExitCodes.Done;
    }

    private static void Set(JsonObject body, string field, string? value)
    {
        if (value is not null)
        {
            body[field] = value;
        }
    }
}
