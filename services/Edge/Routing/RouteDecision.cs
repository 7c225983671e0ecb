using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Edge.Pipeline;
using Gateway.Routing;

namespace Gateway.Edge.Routing;

/// <summary>Why a request went where it went. Kept only where there was something to decide, or somebody asks.</summary>
internal sealed class RouteDecision
{
    private const int MostBytes = 6 * 1024;
    private const int MostListed = 20;

    private readonly List<PlannedRoute> _routes = [];

    /// <summary>When the route step began.</summary>
    public long RoutedAt { get; init; }

    /// <summary>When it ended and the first call began.</summary>
    public long CalledAt { get; set; }

    /// <summary>What rules have set, or null.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; set; }

    /// <summary>Everything left out, over all routes tried.</summary>
    public IEnumerable<SkippedTarget> Skipped => _routes.SelectMany(static r => r.Skipped);

    /// <summary>Adds the plan of one route; the first is that of the model asked for, later ones are fallbacks.</summary>
    public void Add(RouteRuntime route, string why, RoutePlan<TargetRuntime> plan) =>
        _routes.Add(new PlannedRoute(route.Name, route.Strategy.ToString(), why, plan.Rule, [.. plan.Candidates.Select(static c => c.DeploymentId)], plan.Skipped));

    /// <summary>The record as one line of JSON, small enough for a header.</summary>
    public string ToJson(RequestContext context, TimeProvider time)
    {
        var full = Write(context, time, MostListed);
        return Encoding.ASCII.GetString(full.WrittenCount <= MostBytes ? full.WrittenSpan : Write(context, time, 0).WrittenSpan);
    }

    /// <summary>Adds the record to a trace.</summary>
    public void Tell(Activity activity)
    {
        foreach (var route in _routes)
        {
            activity.AddEvent(new ActivityEvent("gateway.route", tags: new ActivityTagsCollection
            {
                ["gateway.route.name"] = route.Name,
                ["gateway.route.why"] = route.Why,
                ["gateway.route.strategy"] = route.Strategy,
                ["gateway.route.rule"] = route.Rule,
                ["gateway.route.candidates"] = route.Candidates,
                ["gateway.route.skipped"] = route.Skipped.Select(static s => $"{s.DeploymentId}: {s.Reason}").ToArray(),
            }));
        }
    }

    private ArrayBufferWriter<byte> Write(RequestContext context, TimeProvider time, int most)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        // The default encoder leaves nothing but ASCII.
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteStartArray("routes"u8);
        foreach (var route in _routes.Take(most == 0 ? 3 : MostListed))
        {
            WriteRoute(writer, route, most);
        }

        writer.WriteEndArray();
        if (context.Deployment is { } deployment)
        {
            writer.WriteString("deployment"u8, deployment.Id);
        }

        writer.WriteNumber("calls"u8, context.Attempts.Made);
        if (context.Continued is { } continued)
        {
            writer.WriteStartArray("continued"u8);
            continued.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }

        if (context.Attempts.Count > 0 && most > 0)
        {
            context.Attempts.WriteTo(writer);
        }

        if (Attributes is { Count: > 0 } && most > 0)
        {
            writer.WriteStartObject("attributes"u8);
            foreach (var (name, value) in Attributes)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        writer.WriteStartObject("ms"u8);
        Milliseconds(writer, "before"u8, context.StartedTimestamp, RoutedAt, time);
        Milliseconds(writer, "route"u8, RoutedAt, CalledAt, time);
        Milliseconds(writer, "call"u8, CalledAt, time.GetTimestamp(), time);
        writer.WriteEndObject();
        context.Steps?.WriteTo(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer;
    }

    private static void WriteRoute(Utf8JsonWriter writer, PlannedRoute route, int most)
    {
        writer.WriteStartObject();
        writer.WriteString("route"u8, route.Name);
        writer.WriteString("why"u8, route.Why);
        writer.WriteString("strategy"u8, route.Strategy);
        if (route.Rule is not null)
        {
            writer.WriteString("rule"u8, route.Rule);
        }

        writer.WriteStartArray("candidates"u8);
        foreach (var candidate in route.Candidates.Take(Math.Max(3, most)))
        {
            writer.WriteStringValue(candidate);
        }

        writer.WriteEndArray();
        if (route.Skipped.Count > 0 && most > 0)
        {
            writer.WriteStartArray("skipped"u8);
            foreach (var skipped in route.Skipped.Take(most))
            {
                writer.WriteStartObject();
                writer.WriteString("deployment"u8, skipped.DeploymentId);
                writer.WriteString("reason"u8, skipped.Reason);
                if (skipped.Until is { } until)
                {
                    writer.WriteString("until"u8, until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Milliseconds(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long from, long to, TimeProvider time) =>
        writer.WriteNumber(name, to == 0 ? 0 : Math.Round(time.GetElapsedTime(from, to).TotalMilliseconds, 2));

    private sealed record PlannedRoute(string Name, string Strategy, string Why, string? Rule, string[] Candidates, IReadOnlyList<SkippedTarget> Skipped);
}
