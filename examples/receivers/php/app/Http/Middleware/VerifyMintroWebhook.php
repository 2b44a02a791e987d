<?php

namespace App\Http\Middleware;

use App\Mintro\InvalidWebhook;
use App\Mintro\Webhook;
use Closure;
use Illuminate\Http\Request;
use Symfony\Component\HttpFoundation\Response;

/** Lets Mintro's webhooks through, with the event in `$request->attributes`, and answers 400 to all else. */
final class VerifyMintroWebhook
{
    public function handle(Request $request, Closure $next): Response
    {
        try {
            $event = Webhook::verify(
                $request->getContent(),
                $request->header('webhook-id'),
                $request->header('webhook-timestamp'),
                $request->header('webhook-signature'),
                config('services.mintro.webhook_secret'),
            );
        } catch (InvalidWebhook $reason) {
            return response($reason->getMessage(), 400);
        }
        $request->attributes->set('mintro_event', $event);

        return $next($request);
    }
}
