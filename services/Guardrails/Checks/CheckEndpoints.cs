using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Engine;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Problems;

namespace Gateway.Guardrails.Checks;

internal static class CheckEndpoints
{
    /// <summary>Above the edge's largest request, since escaping makes texts longer.</summary>
    private const long MaxBodyBytes = 64 * 1024 * 1024;

    public static void AddGuardrails(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MaxBodyBytes);
        builder.Services.AddSingleton<GuardrailMetrics>();
    }

    public static void MapGuardrails(this WebApplication app)
        => app.MapPost("/v1/check", CheckAsync).RequireInternalToken();

    private static async Task CheckAsync(HttpContext context)
    {
        var request = await context.ReadJsonOrProblemAsync(ContractsJson.Default.GuardCheckRequest);
        if (request is null)
        {
            return;
        }

        if (CheckValidator.Validate(request) is { } fault)
        {
            await context.WriteProblemAsync(StatusCodes.Status400BadRequest, "invalid_check", "The check cannot be made as asked.", fault);
            return;
        }

        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var start = time.GetTimestamp();
        var result = GuardEngine.Check(request.Texts, GuardPolicy.BlockTerms(request.Policy.BlockedTerms));
        var answer = Answer(result);
        context.RequestServices.GetRequiredService<GuardrailMetrics>().Checked(request.Direction, answer.Verdict, time.GetElapsedTime(start));
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.GuardCheckResponse, cancellationToken: context.RequestAborted);
    }

    private static GuardCheckResponse Answer(GuardResult result) => new()
    {
        Verdict = result.Verdict == GuardVerdict.Allow ? GuardCheckVerdict.Allow : GuardCheckVerdict.Block,
        Findings = [.. result.Findings.Select(f => new GuardCheckFinding { Detector = f.Detector, Index = f.Index, Start = f.Start, Length = f.Length })],
    };
}
