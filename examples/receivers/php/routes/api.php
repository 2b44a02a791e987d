<?php

use App\Http\Controllers\MintroWebhookController;
use App\Http\Middleware\VerifyMintroWebhook;
use Illuminate\Support\Facades\Route;

// In routes/api.php there is no session and no CSRF check. The address is /api/mintro/webhooks.
Route::post('/mintro/webhooks', MintroWebhookController::class)->middleware(VerifyMintroWebhook::class);
