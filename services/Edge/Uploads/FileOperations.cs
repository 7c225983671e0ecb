using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Requests;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Uploads;

/// <summary><c>/v1/files</c>.</summary>
internal sealed class FileOperations(EnvelopeStep envelope, AdmitStep admit, InputGuard guard, Ownership ownership, ProviderCalls calls, ObjectAnswers answers, ObjectLists lists)
{
    private const int PageSize = 10_000;

    public ValueTask<Failure?> AllAsync(RequestContext context, string id) =>
        HttpMethods.IsPost(context.Http.Request.Method) ? UploadAsync(context) : ListAsync(context);

    public async ValueTask<Failure?> OneAsync(RequestContext context, string id)
    {
        if (await admit.RunUnpaidAsync(context).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        if (answers.Find(context, id, FileSpecs.FilePrefix, out var holder, out var raw) is { } missing)
        {
            return missing;
        }

        var method = HttpMethods.IsDelete(context.Http.Request.Method) ? HttpMethod.Delete : HttpMethod.Get;
        var reply = await calls.SendAsync(context, holder!, UpstreamOperation.Files, Suffix(raw), method).ConfigureAwait(false);
        if (!reply.IsGood)
        {
            return await answers.RefuseAsync(context, reply).ConfigureAwait(false);
        }

        ToCaller(context, holder!, reply.Json!);
        await answers.WriteAsync(context, reply.Json!).ConfigureAwait(false);
        return null;
    }

    public async ValueTask<Failure?> ContentAsync(RequestContext context, string id)
    {
        if (await admit.RunUnpaidAsync(context).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        if (answers.Find(context, id, FileSpecs.FilePrefix, out var holder, out var raw) is { } missing)
        {
            return missing;
        }

        // Results say what models answered; which ones is not known here.
        InputGuard.Begin(context, ofAnyModel: true);
        var reply = await calls.PassAsync(context, holder!, Suffix(raw) + "/content").ConfigureAwait(false);
        return reply.IsGood ? null : await answers.RefuseAsync(context, reply).ConfigureAwait(false);
    }

    public static string Suffix(string rawId) => "/" + Uri.EscapeDataString(rawId);

    private async ValueTask<Failure?> ListAsync(RequestContext context)
    {
        if (await admit.RunUnpaidAsync(context).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        return await lists.ListAsync(context, UpstreamOperation.Files, FileSpecs.FilePrefix, PageSize, (holder, file) =>
            ValueTask.FromResult<(bool, Failure?)>((ToCaller(context, holder, file), null))).ConfigureAwait(false);
    }

    /// <summary>Makes a provider's description of a file the caller's.</summary>
    /// <returns>False when its name does not say that it is the caller's; so it is with files that the provider made.</returns>
    private bool ToCaller(RequestContext context, DeploymentRuntime holder, JsonObject file)
    {
        answers.Wrap(context, holder, file, "id", FileSpecs.FilePrefix);
        if (!ownership.TryRead(ownership.Tag(context.Key!), ObjectAnswers.Text(file, "filename") ?? "", out var name, out _))
        {
            return false;
        }

        file["filename"] = name;
        return true;
    }

    private async ValueTask<Failure?> UploadAsync(RequestContext context)
    {
        if (await envelope.RunAsync(context).ConfigureAwait(false) is { } unreadable)
        {
            return unreadable;
        }

        var parts = context.Form!;
        var files = parts.Where(static p => p.IsFile).ToList();
        if (files is not [{ Name: "file" } file])
        {
            return new Failure(GatewayError.ValueMissing, Step.Envelope, "The form must have one file, named 'file'.") { Param = "file" };
        }

        if (Value(context, parts, "purpose") is not { Length: > 0 } purpose)
        {
            return new Failure(GatewayError.ValueMissing, Step.Envelope, "'purpose' is required, once, for example user_data or batch.") { Param = "purpose" };
        }

        if (await admit.RunUnpaidAsync(context).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        return purpose == FileSpecs.BatchPurpose
            ? await UploadBatchAsync(context, file).ConfigureAwait(false)
            : await UploadAnyAsync(context, file).ConfigureAwait(false);
    }

    private async ValueTask<Failure?> UploadAnyAsync(RequestContext context, FormPart file)
    {
        if ((Holders.Choose(context, out var holder) ?? AuthorizeStep.CheckMetadata(context)) is { } unfit)
        {
            return unfit;
        }

        var content = context.Body.Memory.Slice(file.Start, file.Length);
        if (InputGuard.Begin(context))
        {
            (content, var blocked) = await guard.CheckAsync(context, content, ContentForm.Any, isAnswered: false, context.Http.RequestAborted).ConfigureAwait(false);
            if (blocked is not null)
            {
                return blocked;
            }
        }

        return await SendAsync(context, holder!, ownership.Mark(context.Key!, null, file.FileName!), content).ConfigureAwait(false);
    }

    private async ValueTask<Failure?> UploadBatchAsync(RequestContext context, FormPart file)
    {
        var content = context.Body.Memory.Slice(file.Start, file.Length);
        var lines = new BatchLines(context);
        if (lines.Read(content) is { } wrong)
        {
            return wrong;
        }

        (context.ModelName, context.Route) = (lines.Model, context.Model.FindRoute(lines.Model));
        if (InputGuard.Begin(context))
        {
            (var guarded, wrong) = await lines.GuardAsync(guard, content).ConfigureAwait(false);
            if (wrong is null && !guarded.Equals(content))
            {
                (content, lines) = (guarded, new BatchLines(context));
                wrong = lines.Read(content);
            }

            if (wrong is not null)
            {
                return wrong;
            }
        }

        var deployment = lines.Deployment!;
        var wildcard = context.Model.FindRoute(lines.Model)!.WildcardPart(lines.Model);
        context.ModelName = lines.Model;
        var rewritten = lines.Rewrite(content.Span, JsonName.Encode(ModelDeployments.NameAt(deployment, wildcard)));
        return await SendAsync(context, deployment, ownership.Mark(context.Key!, new BatchInput(lines.Model, lines.Bound), file.FileName!), rewritten).ConfigureAwait(false);
    }

    private async ValueTask<Failure?> SendAsync(RequestContext context, DeploymentRuntime holder, string name, ReadOnlyMemory<byte> content)
    {
        var form = new UploadForm();
        var body = form.Write(context.Body.Span, context.Form!, name, content.Span);
        var reply = await calls.SendAsync(context, holder, UpstreamOperation.Files, "", HttpMethod.Post, body, form.ContentType).ConfigureAwait(false);
        if (!reply.IsGood)
        {
            return await answers.RefuseAsync(context, reply).ConfigureAwait(false);
        }

        ToCaller(context, holder, reply.Json!);
        await answers.WriteAsync(context, reply.Json!).ConfigureAwait(false);
        return null;
    }

    private static string? Value(RequestContext context, IReadOnlyList<FormPart> parts, string name)
    {
        var found = parts.Where(p => p.Name == name && !p.IsFile).ToList();
        return found is [var part] ? Encoding.UTF8.GetString(context.Body.Span.Slice(part.Start, part.Length)) : null;
    }
}
