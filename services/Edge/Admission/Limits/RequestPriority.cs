using Gateway.Contracts.Configuration;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission.Limits;

/// <summary>How urgent a request is: as its key, or less where it says so itself.</summary>
internal static class RequestPriority
{
    public static PriorityClass Of(RequestContext context)
    {
        var most = context.Key!.Limits.Priority;
        if (!context.Http.Request.Headers.TryGetValue(GatewayHeaders.Priority, out var value))
        {
            return most;
        }

        var asked = value.ToString() switch
        {
            "high" => PriorityClass.High,
            "low" => PriorityClass.Low,
            _ => PriorityClass.Normal,
        };
        return asked > most ? asked : most;
    }
}
