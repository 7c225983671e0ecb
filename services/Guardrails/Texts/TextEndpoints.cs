using System.Security.Cryptography;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Checks;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Vault;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Problems;

namespace Gateway.Guardrails.Texts;

/// <summary>Texts without a policy: personal data taken out and put back, and what every detector finds in them.</summary>
internal static class TextEndpoints
{
    private const int Attempts = 5;

    public static void MapTexts(this WebApplication app)
    {
        app.MapPost("/v1/anonymize", AnonymizeAsync).RequireInternalToken();
        app.MapPost("/v1/deanonymize", DeanonymizeAsync).RequireInternalToken();
        app.MapPost("/v1/analyze", AnalyzeAsync).RequireInternalToken();
    }

    private static async Task AnonymizeAsync(HttpContext context)
    {
        if (await ReadAsync(context, needsTenant: true) is not { } request)
        {
            return;
        }

        var entry = new GuardrailPolicyEntry
        {
            Id = "anonymize",
            Rules =
            [
                new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Pseudonymize, Kinds = request.Kinds, Realistic = request.Realistic },
                .. request.Kinds.Count == 0 ? [new GuardrailRuleEntry { Detector = "secrets", Action = GuardrailAction.Pseudonymize }] : (GuardrailRuleEntry[])[],
            ],
        };
        if (PolicyCompiler.Compile(entry) is var compiled && compiled.Policy is not { } policy)
        {
            await RefuseAsync(context, $"$.kinds: {compiled.Problems[0].Message}");
            return;
        }

        var (keys, store) = (context.RequestServices.GetRequiredService<VaultKeys>(), context.RequestServices.GetRequiredService<IVaultStore>());
        var name = request.Conversation ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        for (var attempt = 1; ; attempt++)
        {
            var conversation = await OpenAsync(keys, store, request.Tenant, name, context.RequestAborted);
            var outcome = GuardEngine.Check([.. request.Texts.Select(static t => new GuardText(t, GuardrailScope.Input))], policy, new GuardContext { Substitutes = conversation });
            var added = conversation.New;
            if (added.Count == 0 || await store.TryAddAsync(conversation.Id, added, context.RequestAborted))
            {
                await AnswerAsync(context, [.. outcome.Texts.Select(static t => t.Text)], name);
                return;
            }

            if (attempt == Attempts)
            {
                await context.WriteProblemAsync(StatusCodes.Status503ServiceUnavailable, "conversation_busy", "The conversation is changed by too many at once.", "Try again.");
                return;
            }
        }
    }

    private static async Task DeanonymizeAsync(HttpContext context)
    {
        if (await ReadAsync(context, needsTenant: true) is not { } request)
        {
            return;
        }

        if (request.Conversation is not { } name)
        {
            await RefuseAsync(context, "$.conversation is required: the one that the texts were made anonymous in.");
            return;
        }

        var conversation = await OpenAsync(context.RequestServices.GetRequiredService<VaultKeys>(), context.RequestServices.GetRequiredService<IVaultStore>(), request.Tenant, name, context.RequestAborted);
        var restorer = new PseudonymRestorer(conversation.Pseudonyms);
        await AnswerAsync(context, [.. request.Texts.Select(t => restorer.Restore(t))], name);
    }

    /// <summary>Runs every detector that needs no settings of its own over the texts.</summary>
    private static async Task AnalyzeAsync(HttpContext context)
    {
        if (await ReadAsync(context, needsTenant: false) is not { } request)
        {
            return;
        }

        GuardText[] texts = [.. request.Texts.Select(static t => new GuardText(t, GuardrailScope.Input))];
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var findings = new List<GuardCheckFinding>();
        var took = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var descriptor in DetectorCatalogue.All.Where(static d => !d.IsRemote && d.Required == DetectorMembers.None && d.RequiredAny == DetectorMembers.None && d.Name != "blocked_terms"))
        {
            // Every kind it knows, and every score: who tries a text wants to see what was near.
            var entry = new GuardrailPolicyEntry
            {
                Id = "analyze",
                Rules = [new GuardrailRuleEntry { Detector = descriptor.Name, Kinds = [.. descriptor.Kinds.Select(static k => k.Name)], MinScore = descriptor.Members.HasFlag(DetectorMembers.MinScore) ? 0 : null, Scopes = [GuardrailScope.Input] }],
            };
            if (PolicyCompiler.Compile(entry).Policy is not { } policy)
            {
                continue;
            }

            var start = time.GetTimestamp();
            var outcome = GuardEngine.Check(texts, policy, new GuardContext { Clock = time });
            took[descriptor.Name] = (long)time.GetElapsedTime(start).TotalMicroseconds;
            findings.AddRange(outcome.Findings.Select(TextMapping.FindingOf));
        }

        await context.Response.WriteAsJsonAsync(new GuardAnalysis { Findings = findings, Microseconds = took }, ContractsJson.Default.GuardAnalysis, cancellationToken: context.RequestAborted);
    }

    private static async Task<GuardTextsRequest?> ReadAsync(HttpContext context, bool needsTenant)
    {
        var request = await context.ReadJsonOrProblemAsync(ContractsJson.Default.GuardTextsRequest);
        if (request is not null && CheckValidator.Validate(request, needsTenant) is { } fault)
        {
            await RefuseAsync(context, fault);
            return null;
        }

        return request;
    }

    private static async Task<Conversation> OpenAsync(VaultKeys keys, IVaultStore store, string tenant, string name, CancellationToken cancellationToken)
    {
        var id = keys.ConversationId(tenant, name);
        return new Conversation(keys, tenant, id, await store.LoadAsync(id, cancellationToken));
    }

    private static Task AnswerAsync(HttpContext context, IReadOnlyList<string> texts, string conversation) =>
        context.Response.WriteAsJsonAsync(new GuardTextsResponse { Texts = texts, Conversation = conversation }, ContractsJson.Default.GuardTextsResponse, cancellationToken: context.RequestAborted);

    private static Task RefuseAsync(HttpContext context, string fault) =>
        context.WriteProblemAsync(StatusCodes.Status400BadRequest, "invalid_texts", "The texts cannot be looked at as asked.", fault);
}
